-- code: DEFINER_SEARCH_PATH
-- level: error
-- title: Fonction SECURITY DEFINER sans search_path fixé
-- why: Elle cherche ses tables et ses fonctions là où son appelant le dit, à commencer par les tables temporaires : il lui fait lire, ou exécuter, les siennes avec les droits du propriétaire.
-- action: Fixer un search_path vide, après avoir qualifié les noms de son corps.
-- reference: https://www.postgresql.org/docs/current/sql-createfunction.html#SQL-CREATEFUNCTION-SECURITY
SELECT
    name AS object,
    'agit en tant que ' || owner AS detail,
    format('ALTER %s %s SET search_path = '''';', kind, name) AS fix
FROM definer
WHERE NOT EXISTS (SELECT FROM unnest(settings) AS setting WHERE setting LIKE 'search\_path=%')
