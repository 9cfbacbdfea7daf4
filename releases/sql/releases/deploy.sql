-- Releases, who may act on them, and the journal of all that was done or refused.
-- docs/releases.md says it to people; the rules are those of the Release Gate's execution plan.

-- The three of governance read a table, as themselves; nobody writes but functions.
CREATE OR REPLACE FUNCTION gouvernance.let_people_read(VARIADIC relations text[]) RETURNS void
LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    relation text;
BEGIN
    FOREACH relation IN ARRAY relations LOOP
        EXECUTE format('ALTER TABLE gouvernance.%I ENABLE ROW LEVEL SECURITY', relation);
        EXECUTE format(
            'REVOKE ALL ON gouvernance.%I FROM PUBLIC, mlpp_gov_app, authenticated, service_role', relation
        );
        EXECUTE format('GRANT SELECT ON gouvernance.%I TO authenticated', relation);
        EXECUTE format('DROP POLICY IF EXISTS gouvernance_read ON gouvernance.%I', relation);
        EXECUTE format(
            'CREATE POLICY gouvernance_read ON gouvernance.%I FOR SELECT TO authenticated'
            ' USING ((SELECT gouvernance.role_of(auth.uid())) IN (''admin'', ''directeur'', ''pca''))',
            relation
        );
    END LOOP;
END
$$;
-- The application's login reads it too.
CREATE OR REPLACE FUNCTION gouvernance.let_governance_read(VARIADIC relations text[]) RETURNS void
LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    relation text;
BEGIN
    PERFORM gouvernance.let_people_read(VARIADIC relations);
    FOREACH relation IN ARRAY relations LOOP
        EXECUTE format('GRANT SELECT ON gouvernance.%I TO mlpp_gov_app', relation);
        EXECUTE format('DROP POLICY IF EXISTS gouvernance_app ON gouvernance.%I', relation);
        EXECUTE format(
            'CREATE POLICY gouvernance_app ON gouvernance.%I FOR SELECT TO mlpp_gov_app USING (true)',
            relation
        );
    END LOOP;
END
$$;
-- Not even the owner rewrites these.
CREATE OR REPLACE FUNCTION gouvernance.make_append_only(VARIADIC relations text[]) RETURNS void
LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    relation text;
BEGIN
    FOREACH relation IN ARRAY relations LOOP
        EXECUTE format(
            'CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON gouvernance.%I'
            ' FOR EACH STATEMENT EXECUTE FUNCTION gouvernance.refuse_rewriting()', relation
        );
    END LOOP;
END
$$;
REVOKE ALL ON FUNCTION
    gouvernance.let_people_read(text[]), gouvernance.let_governance_read(text[]),
    gouvernance.make_append_only(text[])
    FROM PUBLIC;

-- Who acts without a person at the keyboard: the deploy script, the CI. The token itself is known to its
-- bearer only; `owner` answers for what is done with it.
CREATE TABLE IF NOT EXISTS gouvernance.release_tokens (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name          text NOT NULL CHECK (name ~ '\S' AND length(name) <= 100),
    scopes        text[] NOT NULL CHECK (
        cardinality(scopes) > 0
        AND scopes <@ ARRAY['register', 'gate', 'deploy:staging', 'deploy:production']
    ),
    digest        bytea NOT NULL UNIQUE CHECK (length(digest) = 32),  -- SHA-256 of the token
    owner         uuid NOT NULL,  -- auth.users.id
    created_at    timestamptz NOT NULL DEFAULT now(),
    expires_at    timestamptz NOT NULL CHECK (expires_at > created_at),
    revoked_at    timestamptz,
    revoked_by    uuid,
    CHECK ((revoked_at IS NULL) = (revoked_by IS NULL))
);

-- What a release is does not change: a tag names one commit for ever.
CREATE TABLE IF NOT EXISTS gouvernance.releases (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tag        text NOT NULL UNIQUE CHECK (
        tag ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$' AND tag !~ '(\.\.|\.$|\.lock$)'
    ),
    commit     text NOT NULL CHECK (commit ~ '^[0-9a-f]{7,40}$'),
    category   text NOT NULL CHECK (category IN ('MAINTENANCE', 'AUDIT', 'SCALE', 'POST-PROD FEATURE')),
    notes      text NOT NULL DEFAULT '' CHECK (length(notes) <= 10000),
    registered_at timestamptz NOT NULL DEFAULT now(),
    person     uuid NOT NULL,
    role       text NOT NULL,
    token      bigint REFERENCES gouvernance.release_tokens
);

-- All that was done, and all that was refused with what was missing.
CREATE TABLE IF NOT EXISTS gouvernance.release_events (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         timestamptz NOT NULL DEFAULT now(),
    kind       text NOT NULL,
    release    bigint REFERENCES gouvernance.releases,
    deployment bigint,
    freeze_id  bigint,
    refused    boolean NOT NULL DEFAULT false,
    person     uuid,   -- auth.users.id
    role       text NOT NULL,  -- theirs then; `jeton` for a token, `système` where nobody acted
    token      bigint REFERENCES gouvernance.release_tokens,
    details    jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX IF NOT EXISTS release_events_release ON gouvernance.release_events (release, id);
CREATE INDEX IF NOT EXISTS release_events_deployment ON gouvernance.release_events (deployment, id);
CREATE INDEX IF NOT EXISTS release_events_refused ON gouvernance.release_events (id) WHERE refused;

SELECT gouvernance.let_governance_read('releases', 'release_events', 'release_tokens');
REVOKE ALL ON gouvernance.release_tokens FROM mlpp_gov_app, authenticated;
GRANT SELECT (id, name, scopes, owner, created_at, expires_at, revoked_at, revoked_by)
    ON gouvernance.release_tokens TO mlpp_gov_app, authenticated;

SELECT gouvernance.make_append_only('releases', 'release_events');

-- The token whose SHA-256, in hexadecimal, this transaction names; no row when it names none that holds.
CREATE OR REPLACE FUNCTION gouvernance.current_token() RETURNS SETOF gouvernance.release_tokens
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT * FROM gouvernance.release_tokens
    WHERE encode(digest, 'hex') = current_setting('gouvernance.release_token', true)
        AND revoked_at IS NULL AND expires_at > now()
$$;

-- Who acts: `person` is auth.users.id, of a token its owner; `role` theirs then, or `jeton`, or `système`.
DO $$
BEGIN
    IF to_regtype('gouvernance.release_actor') IS NULL THEN
        CREATE TYPE gouvernance.release_actor AS (person uuid, role text, token bigint);
    END IF;
END
$$;

-- Who acts in this transaction: the token that it names, with that scope, or a person of one of those
-- roles. Raises GV004 for anybody else; where no scope is given, for every token.
CREATE OR REPLACE FUNCTION gouvernance.release_actor(p_scope text, VARIADIC p_roles text[])
RETURNS gouvernance.release_actor
LANGUAGE plpgsql STABLE SET search_path = '' AS $$
DECLARE
    bearer gouvernance.release_tokens;
BEGIN
    IF coalesce(current_setting('gouvernance.release_token', true), '') = '' THEN
        RETURN ROW(auth.uid(), gouvernance.require_role(VARIADIC p_roles), NULL::bigint)::gouvernance.release_actor;
    END IF;
    SELECT * INTO bearer FROM gouvernance.current_token();
    IF NOT FOUND THEN
        RAISE EXCEPTION 'Jeton inconnu, révoqué ou expiré.' USING ERRCODE = 'GV004';
    END IF;
    IF p_scope IS NULL THEN
        RAISE EXCEPTION 'Une personne décide cela, pas un jeton.' USING ERRCODE = 'GV004';
    END IF;
    IF p_scope <> ALL (bearer.scopes) THEN
        RAISE EXCEPTION 'Le jeton « % » n’a pas la portée « % ».', bearer.name, p_scope
            USING ERRCODE = 'GV004';
    END IF;
    -- Who loses their role takes it from their tokens too.
    IF coalesce(gouvernance.role_of(bearer.owner), '') NOT IN ('admin', 'directeur') THEN
        RAISE EXCEPTION 'Le responsable du jeton « % » n’a plus le droit de conduire une release.',
            bearer.name USING ERRCODE = 'GV004';
    END IF;
    RETURN ROW(bearer.owner, 'jeton', bearer.id)::gouvernance.release_actor;
END
$$;

-- Acts on releases follow each other: each sees all that the ones before it did.
CREATE OR REPLACE FUNCTION gouvernance.one_release_act_at_a_time() RETURNS void
LANGUAGE sql SET search_path = ''
RETURN pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtext('gouvernance.releases'));

CREATE OR REPLACE FUNCTION gouvernance.note_release(
    p_kind text, p_who gouvernance.release_actor, p_details jsonb DEFAULT '{}',
    p_release bigint DEFAULT NULL, p_deployment bigint DEFAULT NULL, p_freeze bigint DEFAULT NULL
) RETURNS void
LANGUAGE sql SET search_path = '' AS $$
    INSERT INTO gouvernance.release_events
        (kind, release, deployment, freeze_id, person, role, token, details)
    VALUES (
        p_kind, p_release, p_deployment, p_freeze, (p_who).person, (p_who).role, (p_who).token, p_details
    )
$$;

-- A condition that does not hold, as refusals list them.
CREATE OR REPLACE FUNCTION gouvernance.unmet(p_code text, p_said text) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = ''
RETURN jsonb_build_array(jsonb_build_object('code', p_code, 'said', p_said));

-- Record that an act was refused, and return the answer that says why: {"refused": [{code, said}]}. An
-- answer, not an exception: that would take its own record back.
CREATE OR REPLACE FUNCTION gouvernance.refuse_release(
    p_kind text, p_who gouvernance.release_actor, p_unmet jsonb,
    p_release bigint DEFAULT NULL, p_deployment bigint DEFAULT NULL
) RETURNS jsonb
LANGUAGE sql SET search_path = '' AS $$
    INSERT INTO gouvernance.release_events
        (kind, release, deployment, refused, person, role, token, details)
    VALUES (
        p_kind, p_release, p_deployment, true, (p_who).person, (p_who).role, (p_who).token,
        jsonb_build_object('unmet', p_unmet)
    )
    RETURNING jsonb_build_object('refused', p_unmet)
$$;

-- The latest UTC moment that a tag carries between separators (2026-01-23, 20260123T1342Z), NULL without
-- one: the same as mlpp_gov/release_identity.py. Raises GV003 for a day or an hour that does not exist.
CREATE OR REPLACE FUNCTION gouvernance.tag_stamp(p_tag text) RETURNS timestamptz
LANGUAGE plpgsql IMMUTABLE SET search_path = '' AS $$
DECLARE
    stamp  text[];
    latest timestamptz;
BEGIN
    FOR stamp IN SELECT * FROM regexp_matches(
        p_tag, '(?<![^._-])([0-9]{4}-[0-9]{2}-[0-9]{2}|20[0-9]{6})(T[0-9]+Z?)?(?![^._-])', 'gi'
    ) LOOP
        stamp := ARRAY[replace(stamp[1], '-', ''), upper(coalesce(stamp[2], 'T0000Z'))];
        IF stamp[2] !~ '^T([01][0-9]|2[0-3])[0-5][0-9]([0-5][0-9])?Z$' THEN
            RAISE datetime_field_overflow;
        END IF;
        latest := greatest(latest, make_timestamptz(
            left(stamp[1], 4)::int, substr(stamp[1], 5, 2)::int, right(stamp[1], 2)::int,
            substr(stamp[2], 2, 2)::int, substr(stamp[2], 4, 2)::int,
            coalesce(substring(stamp[2] FROM '^T[0-9]{4}([0-9]{2})Z$'), '0')::float8, 'UTC'
        ));
    END LOOP;
    RETURN latest;
EXCEPTION WHEN datetime_field_overflow THEN
    RAISE EXCEPTION 'Le tag « % » porte une date ou une heure UTC qui n’existe pas.', p_tag
        USING ERRCODE = 'GV003';
END
$$;

-- Register a release candidate, or find it again: {"id"}. A tag on another commit is refused and recorded;
-- GV003 for a tag, a commit or a category that can't be one. The five minutes are for two clocks.
CREATE OR REPLACE FUNCTION gouvernance.register_release(
    p_tag text, p_commit text, p_category text, p_notes text
) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    who   gouvernance.release_actor := gouvernance.release_actor('register', 'admin', 'directeur');
    known gouvernance.releases;
    made  bigint;
BEGIN
    IF gouvernance.tag_stamp(p_tag) > now() + interval '5 minutes' THEN
        RAISE EXCEPTION 'L’heure UTC du tag « % » est dans le futur.', p_tag USING ERRCODE = 'GV003';
    END IF;
    -- Words of the cockpit's own addresses: the page of such a release could not be reached.
    IF p_tag IN ('register', 'freeze', 'tokens') THEN
        RAISE EXCEPTION 'Le tag « % » est un mot réservé.', p_tag USING ERRCODE = 'GV003';
    END IF;
    PERFORM gouvernance.one_release_act_at_a_time();
    SELECT * INTO known FROM gouvernance.releases WHERE tag = p_tag;
    IF FOUND THEN
        IF gouvernance.same_commit(known.commit, p_commit) THEN
            RETURN jsonb_build_object('id', known.id, 'known', true);
        END IF;
        RETURN gouvernance.refuse_release('registered', who, gouvernance.unmet('tag_reused', format(
            'Le tag « %s » désigne déjà le commit %s : un tag ne change pas de commit (reçu : %s).',
            p_tag, known.commit, p_commit
        )), known.id);
    END IF;
    INSERT INTO gouvernance.releases (tag, commit, category, notes, person, role, token)
    VALUES (p_tag, p_commit, p_category, coalesce(p_notes, ''), who.person, who.role, who.token)
    RETURNING id INTO made;
    PERFORM gouvernance.note_release(
        'registered', who, jsonb_build_object('tag', p_tag, 'commit', p_commit, 'category', p_category), made
    );
    RETURN jsonb_build_object('id', made, 'known', false);
EXCEPTION WHEN check_violation OR not_null_violation THEN
    RAISE EXCEPTION '%', CASE
        WHEN p_commit IS NULL OR p_commit !~ '^[0-9a-f]{7,40}$'
        THEN 'Le commit a de 7 à 40 chiffres hexadécimaux minuscules.'
        WHEN p_category IS NULL OR p_category NOT IN ('MAINTENANCE', 'AUDIT', 'SCALE', 'POST-PROD FEATURE')
        THEN 'La catégorie est MAINTENANCE, AUDIT, SCALE ou POST-PROD FEATURE.'
        WHEN length(p_notes) > 10000 THEN 'Les notes ont au plus 10 000 caractères.'
        ELSE 'Le tag a de 1 à 100 lettres, chiffres, points, tirets ou traits bas, et commence par une '
            || 'lettre ou un chiffre.'
    END USING ERRCODE = 'GV003';
END
$$;

-- Whether two names of commits, either of them shortened, can be of the same one.
CREATE OR REPLACE FUNCTION gouvernance.same_commit(one text, other text) RETURNS boolean
LANGUAGE sql IMMUTABLE SET search_path = ''
RETURN starts_with(one, other) AND length(other) >= 7 OR starts_with(other, one) AND length(one) >= 7;

-- Give a token of which only the SHA-256 (hexadecimal) is kept; an administrator answers for it:
-- {"id"}. GV003 when the name, the scopes or the end can't be.
CREATE OR REPLACE FUNCTION gouvernance.issue_release_token(
    p_name text, p_scopes text[], p_digest text, p_expires_at timestamptz
) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    who  gouvernance.release_actor := gouvernance.release_actor(NULL, 'admin');
    made bigint;
BEGIN
    IF coalesce(p_expires_at > now() + interval '366 days', true) THEN
        RAISE EXCEPTION 'Un jeton vaut un an au plus.' USING ERRCODE = 'GV003';
    END IF;
    INSERT INTO gouvernance.release_tokens (name, scopes, digest, owner, expires_at)
    VALUES (p_name, p_scopes, decode(p_digest, 'hex'), who.person, p_expires_at)
    RETURNING id INTO made;
    PERFORM gouvernance.note_release(
        'token_issued', who,
        jsonb_build_object('token', made, 'name', p_name, 'scopes', p_scopes, 'expires_at', p_expires_at)
    );
    RETURN jsonb_build_object('id', made);
EXCEPTION WHEN check_violation OR not_null_violation THEN
    RAISE EXCEPTION 'Donnez un nom de 1 à 100 caractères, au moins une portée connue et une fin à venir.'
        USING ERRCODE = 'GV003';
END
$$;

-- End a token at once. GV003 for one that is not there or already revoked.
CREATE OR REPLACE FUNCTION gouvernance.revoke_release_token(p_token bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    who gouvernance.release_actor := gouvernance.release_actor(NULL, 'admin');
BEGIN
    UPDATE gouvernance.release_tokens SET revoked_at = now(), revoked_by = who.person
    WHERE id = p_token AND revoked_at IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'Ce jeton est inconnu ou déjà révoqué.' USING ERRCODE = 'GV003';
    END IF;
    PERFORM gouvernance.note_release('token_revoked', who, jsonb_build_object('token', p_token));
END
$$;

REVOKE ALL ON FUNCTION
    gouvernance.current_token(), gouvernance.release_actor(text, text[]),
    gouvernance.one_release_act_at_a_time(),
    gouvernance.note_release(text, gouvernance.release_actor, jsonb, bigint, bigint, bigint),
    gouvernance.unmet(text, text),
    gouvernance.refuse_release(text, gouvernance.release_actor, jsonb, bigint, bigint),
    gouvernance.tag_stamp(text), gouvernance.same_commit(text, text),
    gouvernance.register_release(text, text, text, text),
    gouvernance.issue_release_token(text, text[], text, timestamptz),
    gouvernance.revoke_release_token(bigint)
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gouvernance.register_release(text, text, text, text) TO authenticated, mlpp_gov_app;
GRANT EXECUTE ON FUNCTION
    gouvernance.issue_release_token(text, text[], text, timestamptz),
    gouvernance.revoke_release_token(bigint)
    TO authenticated;
