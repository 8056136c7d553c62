# Ce que coûtent les locations.
price-from = à partir de { $price } la nuit
price-title = Prix
price-caption = Prix des nuits
price-when = Nuits
price-each = La nuit
price-least = Séjour minimum
price-nights = { $count ->
    [one] 1 nuit
   *[other] { $count } nuits
}
price-every-night = Toutes les nuits
price-weekday = Du dimanche au jeudi
price-weekend = Vendredi et samedi
price-beside = En plus des nuits
price-cleaning = Ménage, une fois par séjour
price-further-guest = { $count ->
    [one] Chaque voyageur après le premier, par nuit
   *[other] Chaque voyageur au-delà de { $count }, par nuit
}
price-long-stay = À partir de { $count } nuits
price-reduced = { $percent } de moins sur les nuits
price-percent = { $number } %
price-tax-adult = Taxe de séjour par adulte et par nuit
price-tax-part = Taxe sur les nuits
price-capped = { $percent }, au plus { $price } par adulte et par nuit
price-deposit = Dépôt de garantie, rendu après le séjour
price-longest = Séjour maximum
stay-title = Ce que coûte votre séjour
stay-from = Arrivée
stay-to = Départ
stay-adults = Adultes
stay-children = Enfants
stay-ask = Afficher le total
stay-no-arrival = Choisissez le jour de votre arrivée.
stay-past = Ce jour est passé.
stay-taken = Certaines de ces nuits sont prises. Le calendrier montre celles qui sont libres.
stay-no-departure = Choisissez le jour de votre départ.
stay-backwards = Le départ doit être après l’arrivée.
stay-no-adult = Combien d’adultes viennent ? Il en faut au moins un.
stay-no-number = Combien d’enfants viennent ? S’il n’y en a pas, écrivez 0.
stay-no-children = Cette location n’est pas adaptée aux enfants.
stay-too-many = { $count ->
    [one] Il y a de la place pour 1 voyageur.
   *[other] Il y a de la place pour { $count } voyageurs, enfants compris.
}
stay-too-short = { $count ->
    [one] Un séjour qui commence ce jour-là compte au moins 1 nuit.
   *[other] Un séjour qui commence ce jour-là compte au moins { $count } nuits.
}
stay-too-long = { $count ->
    [one] Un séjour compte au plus 1 nuit.
   *[other] Un séjour compte au plus { $count } nuits.
}
stay-total = Total TTC
stay-all-in = Tout ce qui doit être payé est compris, taxes comprises.
stay-which = { $dates } : { $nights ->
    [one] 1 nuit
   *[other] { $nights } nuits
}, { $guests ->
    [one] 1 voyageur
   *[other] { $guests } voyageurs
}
stay-deposit = S’y ajoute un dépôt de garantie de { $price }, rendu après le séjour.
stay-line-nights = { $nights ->
    [one] 1 nuit à { $price }
   *[other] { $nights } nuits à { $price }
}
stay-line-guests = { $guests ->
    [one] 1 voyageur de plus
   *[other] { $guests } voyageurs de plus
}, { $nights ->
    [one] 1 nuit
   *[other] { $nights } nuits
} à { $price }
stay-line-reduction = Long séjour, { $percent } de moins sur les nuits
stay-line-cleaning = Ménage
stay-line-tax = Taxe de séjour
date-day = { $day ->
    [1] 1er
   *[other] { $day }
} { $month }
date-with-year = { $date } { $year }
date-span = du { $first } au { $last }
date-month = { $month } { $year }
month-january = janvier
month-february = février
month-march = mars
month-april = avril
month-may = mai
month-june = juin
month-july = juillet
month-august = août
month-september = septembre
month-october = octobre
month-november = novembre
month-december = décembre

## Nuits libres

availability-title = Nuits libres
availability-hint = Chaque jour représente la nuit qui y commence.
availability-key = Barré : pris
availability-taken = pris
availability-all = Les douze mois
weekday-monday = lundi
weekday-short-monday = lu
weekday-tuesday = mardi
weekday-short-tuesday = ma
weekday-wednesday = mercredi
weekday-short-wednesday = me
weekday-thursday = jeudi
weekday-short-thursday = je
weekday-friday = vendredi
weekday-short-friday = ve
weekday-saturday = samedi
weekday-short-saturday = sa
weekday-sunday = dimanche
weekday-short-sunday = di
