-- Contract, section 4: admin and directeur read and handle, pca reads, nobody else. Permissive policies
-- add up (trap 22), so restrictive ones keep an older, wider policy from letting anyone else in.
DROP POLICY IF EXISTS gouvernance_read ON public.system_alerts;
CREATE POLICY gouvernance_read ON public.system_alerts
    FOR SELECT TO authenticated
    USING ((SELECT gouvernance.role_of(auth.uid())) IN ('admin', 'directeur', 'pca'));

DROP POLICY IF EXISTS gouvernance_handle ON public.system_alerts;
CREATE POLICY gouvernance_handle ON public.system_alerts
    FOR UPDATE TO authenticated
    USING ((SELECT gouvernance.role_of(auth.uid())) IN ('admin', 'directeur'))
    WITH CHECK ((SELECT gouvernance.role_of(auth.uid())) IN ('admin', 'directeur'));

DROP POLICY IF EXISTS gouvernance_floor_read ON public.system_alerts;
CREATE POLICY gouvernance_floor_read ON public.system_alerts
    AS RESTRICTIVE FOR SELECT TO authenticated
    USING ((SELECT gouvernance.role_of(auth.uid())) IN ('admin', 'directeur', 'pca'));

DROP POLICY IF EXISTS gouvernance_floor_handle ON public.system_alerts;
CREATE POLICY gouvernance_floor_handle ON public.system_alerts
    AS RESTRICTIVE FOR UPDATE TO authenticated
    USING ((SELECT gouvernance.role_of(auth.uid())) IN ('admin', 'directeur'))
    WITH CHECK ((SELECT gouvernance.role_of(auth.uid())) IN ('admin', 'directeur'));

DROP POLICY IF EXISTS gouvernance_floor_insert ON public.system_alerts;
CREATE POLICY gouvernance_floor_insert ON public.system_alerts
    AS RESTRICTIVE FOR INSERT TO authenticated
    WITH CHECK (false);

DROP POLICY IF EXISTS gouvernance_floor_delete ON public.system_alerts;
CREATE POLICY gouvernance_floor_delete ON public.system_alerts
    AS RESTRICTIVE FOR DELETE TO authenticated
    USING (false);

DROP POLICY IF EXISTS gouvernance_floor_anon ON public.system_alerts;
CREATE POLICY gouvernance_floor_anon ON public.system_alerts
    AS RESTRICTIVE FOR ALL TO anon
    USING (false) WITH CHECK (false);
