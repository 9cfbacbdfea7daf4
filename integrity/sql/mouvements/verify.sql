SELECT pg_temp.expect(format('options de %s', name), ARRAY['security_invoker=true'], ARRAY(
    SELECT unnest(reloptions) FROM pg_class WHERE oid = to_regclass(name)
))
FROM unnest(ARRAY['gouvernance.v_stock_reel', 'gouvernance.v_mouvements', 'gouvernance.v_cumuls']) AS name;
SELECT pg_temp.expect(format('droits sur %s', name), ARRAY['authenticated: SELECT', 'service_role: SELECT'],
    pg_temp.grants(name))
FROM unnest(ARRAY['gouvernance.v_stock_reel', 'gouvernance.v_mouvements', 'gouvernance.v_cumuls']) AS name;
