DROP VIEW IF EXISTS gouvernance.v_stock_reel, gouvernance.v_cumuls, gouvernance.v_mouvements;
