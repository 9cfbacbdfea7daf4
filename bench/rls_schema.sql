-- {tables} tables of ten columns with four policies each, as the stand-in writes them, and their grants.
DO $$
DECLARE
    people text := 'EXISTS (SELECT FROM public.profils AS p WHERE p.user_id = (SELECT auth.uid())%s)';
    anyone text := format(people, '');
    writers text := format(people, ' AND p.role IN (''admin'', ''directeur'', ''gerant'')');
    name text;
BEGIN
    FOR n IN 1..{tables} LOOP
        name := format('public.bench_%s', n);
        EXECUTE format(
            'CREATE TABLE %s (id uuid PRIMARY KEY, depot_id uuid REFERENCES public.depots, a text, b text,'
            ' c text, d numeric, e numeric, f date, created_by uuid, created_at timestamptz)', name
        );
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO authenticated', name);
        EXECUTE format('CREATE POLICY lecture ON %s FOR SELECT TO authenticated USING (%s)', name, anyone);
        EXECUTE format(
            'CREATE POLICY ajout ON %s FOR INSERT TO authenticated'
            ' WITH CHECK (created_by = (SELECT auth.uid()) AND %s)', name, writers
        );
        EXECUTE format(
            'CREATE POLICY modification ON %s FOR UPDATE TO authenticated USING (%s) WITH CHECK (%s)',
            name, writers, writers
        );
        EXECUTE format('CREATE POLICY retrait ON %s FOR DELETE TO authenticated USING (auth.uid() = id)', name);
    END LOOP;
END
$$
