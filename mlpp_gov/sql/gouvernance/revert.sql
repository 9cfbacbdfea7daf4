DO $$
BEGIN
    EXECUTE format(
        'ALTER ROLE mlpp_gov_app IN DATABASE %I RESET search_path', pg_catalog.current_database()
    );
    EXECUTE format('ALTER ROLE mlpp_gov_app IN DATABASE %I RESET jit', pg_catalog.current_database());
END
$$;

-- The role itself stays: it is cluster-wide and another database may use it.
DROP SCHEMA gouvernance CASCADE;
