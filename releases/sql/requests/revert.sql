DROP FUNCTION IF EXISTS
    gouvernance.keep_release_answer(text, text, integer, jsonb),
    gouvernance.begin_release_request(text, text), gouvernance.count_release_request(),
    gouvernance.release_token_standing();
DROP TABLE IF EXISTS gouvernance.release_token_uses, gouvernance.release_requests;
