-- How many messages are in each state.
SELECT state, count(*) AS count FROM gouvernance.notification_messages GROUP BY state
