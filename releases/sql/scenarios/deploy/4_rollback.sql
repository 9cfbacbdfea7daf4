-- Rollback, and the post-mortem that it owes.

-- What a rollback takes back: a deployment that was tried and did not get there, after which nobody knows
-- what is there; or else what runs.
CREATE OR REPLACE FUNCTION gouvernance.to_take_back(p_environment text) RETURNS gouvernance.deployments
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT * FROM (
        SELECT present.* FROM gouvernance.running(p_environment) AS present WHERE present.id IS NOT NULL
        UNION ALL
        SELECT d.*
        FROM gouvernance.running(p_environment) AS present
        JOIN gouvernance.deployments AS d
            ON d.environment = p_environment AND d.started_at > present.deployed_at
        WHERE d.kind = 'deployment' AND d.state IN ('execution', 'failed') AND d.deployed_at IS NULL AND EXISTS (
            SELECT FROM gouvernance.release_events AS e
            WHERE e.deployment = d.id AND e.kind = 'attempt' AND NOT e.refused
                AND e.details ->> 'step' = 'deploy'
        )
    ) AS found
    ORDER BY started_at DESC, id DESC LIMIT 1
$$;

-- The deployment to go back to: the last success before what is taken back, of another release, that was
-- not taken back itself. Not the last tag. NULL when there is none.
CREATE OR REPLACE FUNCTION gouvernance.rollback_target(p_environment text) RETURNS gouvernance.deployments
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT d.*
    FROM gouvernance.to_take_back(p_environment) AS present, gouvernance.running(p_environment) AS seen,
        gouvernance.deployments AS d
    WHERE CASE
        WHEN present.deployed_at IS NULL AND seen.state = 'success' THEN d.id = seen.id
        ELSE d.environment = p_environment AND d.state = 'success' AND d.kind = 'deployment'
            AND d.release <> present.release AND d.deployed_at < coalesce((
                -- after a rollback: before what that one went back to
                SELECT max(origin.deployed_at) FROM gouvernance.deployments AS origin
                WHERE present.kind = 'rollback' AND origin.kind = 'deployment' AND origin.state = 'success'
                    AND origin.environment = p_environment AND origin.release = present.release
            ), present.deployed_at, 'infinity')
    END
    ORDER BY d.deployed_at DESC, d.id DESC LIMIT 1
$$;

-- Begin a rollback: {"id"}. It needs a reason, and nothing else: no gate, no freeze holds it up. In
-- production a post-mortem is owed from that moment, within five days.
CREATE OR REPLACE FUNCTION gouvernance.begin_rollback(p_environment text, p_reason text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    who     gouvernance.release_actor := gouvernance.release_actor(
        'deploy:' || coalesce(p_environment, ''), 'admin', 'directeur'
    );
    present gouvernance.deployments;
    target  gouvernance.deployments;
    made    bigint;
BEGIN
    IF coalesce(p_environment, '') NOT IN ('staging', 'production') OR coalesce(p_reason, '') !~ '\S{3}'
        OR length(p_reason) > 4000 THEN
        RAISE EXCEPTION 'Un retour en arrière demande son environnement et sa raison.'
            USING ERRCODE = 'GV003';
    END IF;
    PERFORM gouvernance.one_release_act_at_a_time();
    SELECT * INTO present FROM gouvernance.to_take_back(p_environment);
    SELECT * INTO target FROM gouvernance.rollback_target(p_environment);
    IF target.id IS NULL THEN
        RETURN gouvernance.refuse_release('rollback_began', who, gouvernance.unmet(
            'no_target', 'Aucune release précédente n’a réussi dans cet environnement.'
        ), present.release, present.id);
    END IF;
    INSERT INTO gouvernance.deployments
        (release, environment, kind, state, replaces, reason, operator, operator_token, started_at)
    VALUES (target.release, p_environment, 'rollback', 'execution', present.id, p_reason, who.person,
            who.token, now())
    RETURNING id INTO made;
    IF present.state IN ('execution', 'validation') THEN
        PERFORM gouvernance.end_badly(present.id, who, 'Retour en arrière : ' || p_reason);
    END IF;
    PERFORM gouvernance.note_release('rollback_began', who, jsonb_build_object(
        'reason', p_reason, 'replaces', present.id
    ), target.release, made);
    IF p_environment = 'production' THEN
        INSERT INTO gouvernance.post_mortems (rollback, due_on)
        VALUES (made, (now() AT TIME ZONE 'UTC')::date + 5);
    END IF;
    RETURN jsonb_build_object('id', made);
EXCEPTION WHEN unique_violation THEN
    RETURN gouvernance.refuse_release('rollback_began', who, gouvernance.unmet(
        'busy', 'Un retour en arrière est déjà en cours dans cet environnement.'
    ));
END
$$;

-- Write a version of a post-mortem: {"complete"}. Sections may be left for later; it is owed until none is.
-- p_seen is the version that the writer started from (0 for none): a later one is a conflict, so that of
-- two who write at once neither covers the other. Without it nobody is asked.
DROP FUNCTION IF EXISTS gouvernance.write_post_mortem(bigint, jsonb);  -- as it was before p_seen
CREATE OR REPLACE FUNCTION gouvernance.write_post_mortem(
    p_post_mortem bigint, p_sections jsonb, p_seen bigint DEFAULT NULL
) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    who     gouvernance.release_actor := gouvernance.release_actor(NULL, 'admin', 'directeur', 'pca');
    latest  gouvernance.post_mortem_versions;
    written gouvernance.post_mortem_versions;
BEGIN
    PERFORM gouvernance.one_release_act_at_a_time();
    SELECT * INTO latest FROM gouvernance.post_mortem_versions
    WHERE post_mortem = p_post_mortem ORDER BY id DESC LIMIT 1;
    IF latest.id > p_seen THEN
        PERFORM gouvernance.refuse_release(
            'post_mortem_written', who,
            gouvernance.unmet('state', 'Une version plus récente a été enregistrée entre-temps.'), d.release, d.id
        )
        FROM gouvernance.post_mortems AS p JOIN gouvernance.deployments AS d ON d.id = p.rollback
        WHERE p.id = p_post_mortem;
        RETURN jsonb_build_object('conflict', jsonb_build_object(
            'state', 'newer_version', 'person', latest.person, 'at', latest.at
        ));
    END IF;
    INSERT INTO gouvernance.post_mortem_versions
        (post_mortem, person, role, context, symptoms, cause, sql_proof, fix, prevention, validation)
    SELECT p_post_mortem, who.person, who.role, coalesce(s.context, ''), coalesce(s.symptoms, ''),
        coalesce(s.cause, ''), coalesce(s.sql_proof, ''), coalesce(s.fix, ''), coalesce(s.prevention, ''),
        coalesce(s.validation, '')
    FROM jsonb_to_record(p_sections) AS s (
        context text, symptoms text, cause text, sql_proof text, fix text, prevention text, validation text
    )
    RETURNING * INTO written;
    PERFORM gouvernance.note_release(
        'post_mortem_written', who, jsonb_build_object('complete', written.complete),
        d.release, d.id
    )
    FROM gouvernance.post_mortems AS p JOIN gouvernance.deployments AS d ON d.id = p.rollback
    WHERE p.id = p_post_mortem;
    RETURN jsonb_build_object('complete', written.complete);
EXCEPTION
    WHEN foreign_key_violation OR not_null_violation THEN
        RAISE EXCEPTION 'Post-mortem inconnu.' USING ERRCODE = 'GV003';
    WHEN check_violation THEN
        RAISE EXCEPTION 'Une section a au plus 20 000 caractères.' USING ERRCODE = 'GV003';
END
$$;
