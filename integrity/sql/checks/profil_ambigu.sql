-- code: PROFIL_AMBIGU
-- severity: WARN
-- entity: PROFIL
-- label: Profil ambigu
-- rule: Compte de auth.users qui a plusieurs profils, ou aucun, ou un profil dont le rôle n’est pas admin, directeur, gerant, operateur, lecture ou pca.
-- why: Le rôle d’une personne vient de son profil. Avec plusieurs, chaque écran ou policy de ML_PP peut en retenir un autre : quelqu’un peut s’être donné des droits. Sans profil, ou avec un rôle inconnu, un compte se connecte sans que personne ait décidé de ce qu’il peut.
-- action: Faire confirmer le rôle par un administrateur ; ne garder que ce profil, ou supprimer le compte. Si personne ne sait d’où vient le second profil, le traiter en incident de sécurité.
-- limits: Ne dit pas si le rôle unique d’une personne est le bon. Le cockpit, lui, retient toujours le moindre droit. Un profil sans compte ne donne rien à personne et n’est pas cité ; un compte supprimé (deleted_at) non plus.
-- occurred: La création du deuxième profil, quand il y en a plusieurs ; sinon inconnu.
SELECT
    p.user_id AS entity_id,
    format('Profil de %s : %s', p.nom, array_to_string(p.fautes, ', ')) AS message,
    jsonb_build_object(
        'figure', jsonb_array_length(p.profils),
        'user_id', p.user_id,
        'profils', p.profils,
        'fautes', p.fautes,
        'occurred_at', gouvernance.moment(p.second_at)
    ) AS payload
FROM gouvernance.ambiguous_profiles() AS p
