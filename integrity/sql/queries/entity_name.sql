-- What people call the tank, truck, reception, sortie or account of an alert, or the cockpit itself; an
-- expression over a row of system_alerts.
CASE system_alerts.entity_type
    WHEN 'CITERNE_STOCK' THEN (
        SELECT concat_ws(' · ', c.nom, d.nom)
        FROM public.citernes AS c LEFT JOIN public.depots AS d ON d.id = c.depot_id
        WHERE c.id = system_alerts.entity_id
    )
    WHEN 'CDR' THEN (
        SELECT cdr.plaque_camion FROM public.cours_de_route AS cdr WHERE cdr.id = system_alerts.entity_id
    )
    WHEN 'RECEPTION' THEN (
        SELECT concat_ws(
            ' · ', c.nom, regexp_replace(r.date_reception::text, '^(\d+)-(\d+)-(\d+)$', '\3/\2/\1')
        )
        FROM public.receptions AS r JOIN public.citernes AS c ON c.id = r.citerne_id
        WHERE r.id = system_alerts.entity_id
    )
    WHEN 'SORTIE' THEN (
        SELECT concat_ws(' · ', c.nom, s.plaque_camion)
        FROM public.sorties_produit AS s JOIN public.citernes AS c ON c.id = s.citerne_id
        WHERE s.id = system_alerts.entity_id
    )
    WHEN 'PROFIL' THEN (
        SELECT p.nom FROM gouvernance.profile_names(ARRAY[system_alerts.entity_id]) AS p
    )
    WHEN 'ACCES' THEN CASE system_alerts.entity_id
        WHEN 'acce55e5-0000-4000-8000-000000000000' THEN 'au cockpit de gouvernance'
    END
END
