-- The operation under way in production, as the tracker has it, once.
DO $$
DECLARE
    astm bigint;
BEGIN
    IF EXISTS (SELECT FROM gouvernance.operations WHERE code = 'ASTM53B') THEN
        RETURN;
    END IF;
    INSERT INTO gouvernance.operations (code, title, why, activities)
    VALUES (
        'ASTM53B',
        'Migration volumétrique ASTM 53B (gasoil)',
        'Écart volumétrique confirmé entre ML_PP et l’application de terrain ASTM : environ 50 à 70 L par'
        ' opération sur le gasoil. Périmètre : gasoil uniquement, 8 réceptions, 2 citernes. Deux sorties'
        ' dépendent du stock actuel. ML_PP devient la source officielle du calcul volumétrique.',
        '{Sorties}'
    )
    RETURNING id INTO astm;
    INSERT INTO gouvernance.operation_steps (operation, position, kind, title, requirement, computed)
    VALUES
        (astm, 1, 'step', 'Doc package créé', '', NULL),
        (astm, 2, 'step', 'Backup PROD effectué', 'Référence du backup', NULL),
        (astm, 3, 'step', 'BLOC 2, étape A : squelette moteur ASTM 53B', '', NULL),
        (astm, 4, 'step', 'BLOC 2, étape B : dataset golden ASTM 53B (structure + tests)', '', NULL),
        (astm, 5, 'step', 'BLOC 2, étape C : calibration moteur + formule ASTM 53B', '', NULL),
        (astm, 6, 'step', 'Golden dataset capturé (20–30 cas) + suite de tests verte', '', NULL),
        (astm, 7, 'stop', 'Rapport de simulation approuvé (8 réceptions)',
            'Un rapport entier (ni période, ni dépôt, ni citerne), approuvé et toujours à jour ; en preuve,'
            ' sa somme de contrôle et ce qui y a été vérifié.', 'simulation_approved'),
        (astm, 8, 'stop',
            'Aucune modification de la base avant backup complet et rapport de simulation validé',
            'La référence du backup complet, ce qui montre qu’il est lisible, et le rapport validé.',
            'simulation_approved'),
        (astm, 9, 'step', 'Migration exécutée + rebuild stock fait', '', NULL),
        (astm, 10, 'step', 'Sorties dégelées', '', 'nothing_frozen'),
        (astm, 11, 'step', 'Vérification post-migration (spot checks vs app ASTM)', '', NULL);
    INSERT INTO gouvernance.operation_log (operation, step, activity, kind, text, evidence, happened_on)
    SELECT astm, s.id, e.activity, e.kind, e.text, e.evidence, e.happened_on
    FROM (VALUES
        (1, NULL::integer, NULL::text, 'opened', '', '', NULL::date),
        (2, NULL, NULL, 'started', 'Statut du suivi : IN PROGRESS — PRE-BACKUP DOC', '', NULL),
        (3, NULL, 'Sorties', 'frozen',
            'Sorties gelées en exploitation contrôlée jusqu’à la fin de la migration.', '', '2026-02-21'),
        (4, 2, NULL, 'done', 'Pré-requis avant BLOC 2 (moteur ASTM 53B).',
            'backups/prod_pre_astm53b_20260221_2253_data.dump', '2026-02-21'),
        (5, 3, NULL, 'done', 'Le moteur lève encore UnimplementedError : aucune formule ASTM n’est utilisée'
            ' en PROD tant que les golden cases et les tolérances n’ont pas été validés.',
            'lib/core/volumetrics/astm53b_engine.dart', NULL),
        (6, 4, NULL, 'done', 'Valeurs encore placeholders ; calibration prévue à l’étape C.',
            E'lib/core/volumetrics/astm53b_golden_cases.dart\ntest/core/volumetrics/astm53b_golden_test.dart',
            NULL),
        (7, NULL, NULL, 'note', E'Ne pas valider de sorties pendant l’opération.\n'
            'Aucune mise à jour silencieuse ; logger l’événement global.'
            '\nSémantique : densite_a_15 est un misnomer actuel (stocke la densité observée, pas la'
            ' densité à 15 °C).', '', NULL)
    ) AS e (number, position, activity, kind, text, evidence, happened_on)
    LEFT JOIN gouvernance.operation_steps AS s ON s.operation = astm AND s.position = e.position
    ORDER BY e.number;
END
$$;
