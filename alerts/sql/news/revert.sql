DROP FUNCTION IF EXISTS gouvernance.news_since(timestamptz, integer);
DROP INDEX IF EXISTS gouvernance.alert_events_news;
