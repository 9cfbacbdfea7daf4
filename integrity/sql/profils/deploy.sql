-- auth.users is nobody's to read, and profils shows each person their own row: the functions below read
-- both as their owner, for who governs and for a caller that is no person (the evaluation).
CREATE OR REPLACE FUNCTION gouvernance.reads_profiles() RETURNS boolean
LANGUAGE sql STABLE SET search_path = ''
RETURN coalesce(
    gouvernance.role_of(auth.uid()) IN ('admin', 'directeur', 'pca'),
    auth.uid() IS NULL AND current_setting('role') NOT IN ('anon', 'authenticated')
);

-- What people call each account: a name of its profiles, never an e-mail address; else the start of its id.
CREATE OR REPLACE FUNCTION gouvernance.profile_names(p_users uuid[]) RETURNS TABLE (user_id uuid, nom text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
AS $$  -- as text, here and below: a parsed body would make ML_PP's tables depend on it
    SELECT u.id, coalesce(
        min(btrim(p.nom_complet)) FILTER (WHERE p.nom_complet ~ '\S' AND p.nom_complet !~ '@'),
        left(u.id::text, 8)
    )
    FROM auth.users AS u
    LEFT JOIN public.profils AS p ON p.user_id = u.id
    WHERE u.id = ANY (p_users) AND (SELECT gouvernance.reads_profiles())
    GROUP BY u.id
$$;

-- Accounts of which the profiles don't say one known role (contract, trap 14), each with its faults in
-- words and its profiles in the order of their creation.
CREATE OR REPLACE FUNCTION gouvernance.ambiguous_profiles() RETURNS TABLE (
    user_id uuid, nom text, fautes text[], profils jsonb, second_at timestamptz
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT a.user_id, n.nom, array_remove(ARRAY[
            CASE a.number
                WHEN 0 THEN 'aucun profil'
                WHEN 1 THEN NULL
                ELSE format('%s profils (%s)', a.number, a.roles)
            END,
            'rôle inconnu (' || a.unknown_roles || ')'
        ], NULL), a.profils, a.second_at
    FROM (
        SELECT u.id AS user_id,
               count(p.id) AS number,
               string_agg(coalesce(p.role, 'sans rôle'), ', ' ORDER BY p.created_at, p.id) AS roles,
               string_agg(coalesce(p.role, 'sans rôle'), ', ' ORDER BY p.created_at, p.id) FILTER (
                   WHERE p.id IS NOT NULL AND p.role IN (
                       'admin', 'directeur', 'gerant', 'operateur', 'lecture', 'pca'
                   ) IS NOT TRUE
               ) AS unknown_roles,
               coalesce(jsonb_agg(
                   jsonb_build_object('profil_id', p.id, 'role', p.role, 'created_at', p.created_at)
                   ORDER BY p.created_at, p.id
               ) FILTER (WHERE p.id IS NOT NULL), '[]') AS profils,
               (array_agg(p.created_at ORDER BY p.created_at, p.id))[2] AS second_at
        FROM auth.users AS u
        LEFT JOIN public.profils AS p ON p.user_id = u.id
        WHERE (SELECT gouvernance.reads_profiles())
            AND to_jsonb(u) ->> 'deleted_at' IS NULL  -- a column of Supabase's, not of every version
        GROUP BY u.id
    ) AS a
    JOIN gouvernance.profile_names(ARRAY[a.user_id]) AS n USING (user_id)
    WHERE a.number <> 1 OR a.unknown_roles IS NOT NULL
$$;

REVOKE ALL ON FUNCTION
    gouvernance.reads_profiles(), gouvernance.profile_names(uuid[]), gouvernance.ambiguous_profiles()
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gouvernance.profile_names(uuid[]), gouvernance.ambiguous_profiles()
    TO authenticated, service_role;
