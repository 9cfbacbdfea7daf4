SELECT pg_temp.expect('gardes de public.system_alerts', ARRAY[
        'zz_gouvernance_guard_delete BEFORE DELETE ON public.system_alerts FOR EACH ROW'
        || ' EXECUTE FUNCTION gouvernance.refuse_deletion()',
        'zz_gouvernance_guard_truncate BEFORE TRUNCATE ON public.system_alerts FOR EACH STATEMENT'
        || ' EXECUTE FUNCTION gouvernance.refuse_deletion()',
        'zz_gouvernance_guard_update BEFORE UPDATE ON public.system_alerts FOR EACH ROW'
        || ' EXECUTE FUNCTION gouvernance.guard_system_alerts()'
    ],
    pg_temp.triggers('public.system_alerts', 'zz\_gouvernance\_%')
);

-- A BEFORE trigger with a later name would have the last word on actors and dates.
SELECT pg_temp.expect('trigger après les gardes', ARRAY[]::text[], ARRAY(
    SELECT tgname::text FROM pg_trigger
    WHERE tgrelid = 'public.system_alerts'::regclass AND NOT tgisinternal
        AND tgtype & 2 = 2 AND tgname > 'zz_gouvernance_guard_update'
));
