-- The stocks that were declared to be there before the first movement.
SELECT citerne_id, produit_id, proprietaire_type, stock_ambiant, stock_15c
FROM gouvernance.opening_stocks
