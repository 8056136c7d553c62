# La recherche de locations.
search-title = Trouver une location
search-words = Mots
search-place = Lieu
search-from = Arrivée
search-to = Départ
search-guests = Voyageurs
search-bedrooms = Chambres, au moins
search-min = Prix à partir de ({ $currency })
search-max = Prix jusqu’à ({ $currency })
search-kind = Type de location
search-amenities = Équipements souhaités
search-sort = Ordre
search-any = Tous
search-more = Plus de filtres
search-find = Rechercher
search-sort-best = Les plus pertinentes
search-sort-newest = Les plus récentes
search-sort-price = Les moins chères
search-sort-sleeps = Les plus grandes
search-total = { $count ->
    [one] { $count } location
   *[other] { $count } locations
}
search-total-in = { $count ->
    [one] { $count } location pour « { $place } »
   *[other] { $count } locations pour « { $place } »
}
search-total-more = Plus de { $count } locations. Un filtre de plus aiderait.
search-total-more-sorted = Plus de { $count } locations, dont les { $count } plus récentes sont triées. Un filtre de plus aiderait.
search-filters = Filtres appliqués
search-take-off = Retirer : { $value }
search-take-off-all = Tout retirer
search-said-words = « { $value } »
search-said-place = Lieu : { $value }
search-said-dates = Libre : { $value }
search-said-guests = { $value ->
    [one] Pour { $value } personne
   *[other] Pour { $value } personnes
}
search-said-bedrooms = { $value ->
    [one] { $value } chambre ou plus
   *[other] { $value } chambres ou plus
}
search-said-min = À partir de { $value }
search-said-max = Jusqu’à { $value }
search-said-choice = { $value }
search-forgiven = Aucune location ne contient le mot « { $word } ». Il a été lu comme « { $taken } ».
search-nothing = Aucune location ne réunit tout cela.
search-drop = Sans l’un des filtres, il y en a :
search-drop-one = { $count ->
    [one] sans { $value } : { $count } location
   *[other] sans { $value } : { $count } locations
}
search-near = Ce qui s’en approche le plus
search-or = { $first } ou { $second }
search-wrong-long = Saisissez { $most } caractères au plus.
search-wrong-signs = Ce texte contient des signes qui ne se recherchent pas.
search-wrong-number = Saisissez un nombre entier de { $least } à { $most }.
search-wrong-choice = Choisissez dans la liste.
search-wrong-day = Écrivez un jour sous la forme 2027-07-03.
search-wrong-other-day = Les nuits ont une arrivée et un départ : choisissez les deux.
search-wrong-order = Le prix maximum est inférieur au prix minimum.
page-number-of = Page { $number } sur { $count }
place-title = Maisons de vacances : { $place }
place-description = Maisons de vacances : { $place }. Chacune avec son adresse, ce qu’elle offre et ce qu’elle coûte.
place-cities = Villes
search-suggestions = Lieux et locations
search-suggested-place = Lieu

profile-search-title = Trouver un profil
profile-search-label = Nom
profile-search-total = { $count ->
    [one] { $count } profil
   *[other] { $count } profils
}
profile-search-more = Plus de { $count } profils. Un nom plus long aiderait.
profile-search-nothing = Aucun profil ne porte un tel nom.
profile-search-all = Tous les profils
profile-search-forgiven = Personne ici ne porte le nom « { $word } ». Il a été lu comme « { $taken } ».
