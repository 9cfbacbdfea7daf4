SELECT pg_temp.expect('gardes de public.system_alerts', ARRAY[
        'zz_gouvernance_guard_acknowledgement BEFORE UPDATE ON public.system_alerts FOR EACH ROW'
        || ' WHEN (new.status = ''ACK''::text AND old.status = ''ACK''::text'
        || ' AND (new.acknowledged_by IS DISTINCT FROM old.acknowledged_by'
        || ' OR new.acknowledged_at IS DISTINCT FROM old.acknowledged_at))'
        || ' EXECUTE FUNCTION gouvernance.keep_acknowledgement()',
        'zz_gouvernance_guard_delete BEFORE DELETE ON public.system_alerts FOR EACH ROW'
        || ' EXECUTE FUNCTION gouvernance.refuse_deletion()',
        'zz_gouvernance_guard_truncate BEFORE TRUNCATE ON public.system_alerts FOR EACH STATEMENT'
        || ' EXECUTE FUNCTION gouvernance.refuse_deletion()',
        'zz_gouvernance_guard_update BEFORE UPDATE ON public.system_alerts FOR EACH ROW'
        || ' EXECUTE FUNCTION gouvernance.guard_system_alerts()'
    ],
    ARRAY(
        -- The condition names the owner as deployed; who that is differs between installations.
        SELECT regexp_replace(definition, ' WHEN \(CURRENT_USER <> .*?::name\)', '')
        FROM unnest(pg_temp.triggers('public.system_alerts', 'zz\_gouvernance\_%')) AS definition
    )
);

-- A BEFORE trigger with a later name would have the last word on actors and dates.
SELECT pg_temp.expect('trigger après les gardes', ARRAY[]::text[], ARRAY(
    SELECT tgname::text FROM pg_trigger
    WHERE tgrelid = 'public.system_alerts'::regclass AND NOT tgisinternal
        AND tgtype & 2 = 2 AND tgname > 'zz_gouvernance_guard_update'
));
