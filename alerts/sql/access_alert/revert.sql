DROP FUNCTION IF EXISTS gouvernance.evaluate_accesses();
