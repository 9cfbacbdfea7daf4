-- The spike of refusals of this moment, if there is one.
SELECT message FROM gouvernance.check_acces_suspects
