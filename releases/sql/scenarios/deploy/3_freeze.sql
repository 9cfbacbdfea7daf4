-- C: a freeze.

-- Begin a freeze on a release whose gate holds: {"id"}. What is under way goes on, and is marked.
CREATE OR REPLACE FUNCTION gouvernance.begin_freeze(p_release bigint, p_reason text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    who    gouvernance.release_actor := gouvernance.release_actor(NULL, 'admin', 'pca');
    unmet  jsonb;
    active gouvernance.freezes;
    made   bigint;
BEGIN
    IF coalesce(p_reason, '') !~ '\S{3}' OR length(p_reason) > 4000 THEN
        RAISE EXCEPTION 'Un gel demande sa raison.' USING ERRCODE = 'GV003';
    END IF;
    PERFORM gouvernance.one_release_act_at_a_time();
    IF NOT EXISTS (SELECT FROM gouvernance.releases WHERE id = p_release) THEN
        RAISE EXCEPTION 'Release inconnue.' USING ERRCODE = 'GV003';
    END IF;
    SELECT * INTO active FROM gouvernance.freezes WHERE ended_at IS NULL;
    IF FOUND THEN
        PERFORM gouvernance.refuse_release(
            'freeze_began', who, gouvernance.unmet('frozen', 'Un gel est déjà en cours.'), p_release
        );
        RETURN jsonb_build_object('conflict', jsonb_build_object(
            'state', 'frozen', 'person', active.began_by, 'at', active.began_at
        ));
    END IF;
    unmet := gouvernance.gate_unmet(p_release, 'C');
    IF unmet <> '[]' THEN
        RETURN gouvernance.refuse_release('freeze_began', who, unmet, p_release);
    END IF;
    INSERT INTO gouvernance.freezes (release, gate, reason, began_by, began_role)
    SELECT p_release, g.id, p_reason, who.person, who.role FROM gouvernance.current_gate(p_release) AS g
    RETURNING id INTO made;
    PERFORM gouvernance.note_release(
        'freeze_began', who, jsonb_build_object('reason', p_reason), p_release, NULL, made
    );
    UPDATE gouvernance.deployments SET freeze_id = made WHERE state IN ('execution', 'validation');
    RETURN jsonb_build_object('id', made);
END
$$;

-- End the freeze: {"gate_held"}. Planned, by who may begin one; for an urgent fix, by a directeur too, so
-- that whoever handles an incident is not locked out. Either way A and B ask what they always ask, and a
-- gate that no longer holds is void.
CREATE OR REPLACE FUNCTION gouvernance.end_freeze(p_for text, p_why text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    who    gouvernance.release_actor := gouvernance.release_actor(NULL, 'admin', 'directeur', 'pca');
    active gouvernance.freezes;
    held   boolean;
BEGIN
    IF coalesce(p_for, '') NOT IN ('planned', 'urgent_fix') OR coalesce(p_why, '') !~ '\S{3}'
        OR length(p_why) > 4000 THEN
        RAISE EXCEPTION 'Dites pourquoi le gel finit : comme prévu, ou pour un correctif urgent.'
            USING ERRCODE = 'GV003';
    END IF;
    IF p_for = 'planned' THEN
        PERFORM gouvernance.require_role('admin', 'pca');
    END IF;
    PERFORM gouvernance.one_release_act_at_a_time();
    SELECT * INTO active FROM gouvernance.freezes WHERE ended_at IS NULL FOR UPDATE;
    IF NOT FOUND THEN
        SELECT * INTO active FROM gouvernance.freezes ORDER BY id DESC LIMIT 1;
        PERFORM gouvernance.refuse_release(
            'freeze_ended', who, gouvernance.unmet('not_frozen', 'Aucun gel n’est en cours.'), active.release
        );
        RETURN jsonb_build_object('conflict', jsonb_build_object(
            'state', 'not_frozen', 'person', active.ended_by, 'at', active.ended_at
        ));
    END IF;
    held := gouvernance.gate_unmet(active.release, 'C') = '[]'
        AND EXISTS (SELECT FROM gouvernance.current_gate(active.release) AS g WHERE g.id = active.gate);
    IF NOT held THEN
        PERFORM gouvernance.void_gate(
            active.release, who, 'code', 'à la sortie du gel, il ne tenait plus'
        );
    END IF;
    UPDATE gouvernance.freezes SET
        ended_at = now(), ended_by = who.person, ended_role = who.role, ended_for = p_for,
        ended_why = p_why, gate_held = held
    WHERE id = active.id;
    PERFORM gouvernance.note_release('freeze_ended', who, jsonb_build_object(
        'for', p_for, 'why', p_why, 'gate_held', held
    ), active.release, NULL, active.id);
    RETURN jsonb_build_object('gate_held', held);
END
$$;
