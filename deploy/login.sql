-- The trial database's login of the application, before `contract deploy` gives it what it may do.
-- In production it is created by `contract deploy`, and only its password is set by hand.
\getenv password MLPP_GOV_APP_PASSWORD
CREATE ROLE mlpp_gov_app LOGIN NOINHERIT PASSWORD :'password';
