-- Whether a test for that recipient is on its way already.
SELECT id FROM gouvernance.notification_messages
WHERE topic = 'test' AND recipient = %(recipient)s AND state IN ('waiting', 'sending')
LIMIT 1
