"""Telling French from English, for the tests of what is translated."""

import re

FRENCH = set(
    "alerte alertes au aucun aucune aujourd autre aux avant avec avenir camion camions ce cette chargement chargé "
    "citerne citernes contrôle cours création créé dans date datée de depuis des dit du délai dépôt dépôts elle en "
    "entre est et il inconnu inconnue je jour jours la le les leur lui mais mouvement ne ni nom ou par pas personne "
    "plus pour produit produits propriétaire que qui règle sa sans selon ses seuil son sont sous sur tous toute un "
    "une volume vous à écart".split()
)
ENGLISH_TOO = {"date", "volume", "son"}
WORD = re.compile(r"(?<!\w)[^\W\d_]+(?!\w)")
OURS = {"réception", "réceptions", "directeur"}  # words of ML_PP in both languages


def french_words(text: str) -> list[str]:
    """The words of a text that only a French one has."""
    return [
        word
        for word in WORD.findall(text)
        if word.lower() not in OURS
        and not word.isupper()
        and (word.lower() in FRENCH - ENGLISH_TOO or re.search("[à-öø-ÿœ]", word.lower()))
    ]
