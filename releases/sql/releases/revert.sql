DROP FUNCTION IF EXISTS
    gouvernance.revoke_release_token(bigint),
    gouvernance.issue_release_token(text, text[], text, timestamptz),
    gouvernance.register_release(text, text, text, text), gouvernance.same_commit(text, text),
    gouvernance.tag_stamp(text),
    gouvernance.refuse_release(text, gouvernance.release_actor, jsonb, bigint, bigint),
    gouvernance.unmet(text, text),
    gouvernance.note_release(text, gouvernance.release_actor, jsonb, bigint, bigint, bigint),
    gouvernance.one_release_act_at_a_time(), gouvernance.release_actor(text, text[]),
    gouvernance.current_token();
DROP TYPE IF EXISTS gouvernance.release_actor;
DROP TABLE IF EXISTS
    gouvernance.release_events, gouvernance.releases, gouvernance.release_tokens;
DROP FUNCTION IF EXISTS
    gouvernance.let_governance_read(text[]), gouvernance.let_people_read(text[]),
    gouvernance.make_append_only(text[]);
