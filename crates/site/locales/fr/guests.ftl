# Les pages légales, les demandes des voyageurs et les réponses.
app-guests = Voyageurs
legal-navigation = À propos de ce site
legal-title-privacy = Vie privée
legal-title-legal = Mentions légales
legal-title-terms = Conditions de séjour
legal-description = { $title } chez Orange County Lettings.
legal-texts = Pages légales
legal-introduction = Dès qu’une page est écrite, toutes les pages du site y mènent. D’ici là, son adresse n’existe pas.
legal-written = Dernière modification : { $day }.
legal-unwritten = Pas encore écrite.
legal-see = La voir
legal-text-en = Texte en anglais
legal-text-fr = Texte en français
legal-help = La page { $path }. Là où le texte manque dans une langue, l’autre est affiché ; sans aucun texte, la page n’existe pas. Une ligne vide sépare les paragraphes ; *doux*, **fort**, les listes avec * et les liens [comme ceci](https://example.com) sont possibles.
legal-save = Enregistrer
legal-saved = Le texte a été enregistré.
legal-not-saved = Rien n’a encore été enregistré : corrigez ce qui est signalé ci-dessous.
legal-crossed = Quelqu’un d’autre a modifié ce texte entre-temps, rien n’a donc été enregistré. Ce que vous avez écrit est encore là : regardez le sien dans une autre fenêtre, puis enregistrez de nouveau.

## La demande

enquiry-link = Poser une question sur cet hébergement
enquiry-ask = Demander ce séjour
enquiry-title = Votre demande : { $title }
enquiry-here = Votre demande
enquiry-introduction = Écrivez à ceux qui louent cet hébergement. Ils vous répondent par e-mail.
enquiry-name = Votre nom
enquiry-email = Votre adresse e-mail
enquiry-telephone = Votre numéro de téléphone
enquiry-optional = (facultatif)
enquiry-pets = Animaux
enquiry-message = Votre message
enquiry-trap = Laissez ce champ vide
enquiry-send = Envoyer la demande
enquiry-no-name = Indiquez votre nom, s’il vous plaît.
enquiry-no-email = Saisissez une adresse comme ann@example.com : la réponse y sera envoyée.
enquiry-no-message = Écrivez quelques mots, s’il vous plaît.
enquiry-no-number = Combien d’animaux viennent ? Si aucun, écrivez 0.
enquiry-pets-not-allowed = Les animaux ne sont pas admis ici.
enquiry-long = { $number } caractères au plus.
enquiry-control = Il contient un caractère que personne ne voit. Saisissez-le de nouveau, s’il vous plaît.
enquiry-not-sent = Rien n’a encore été envoyé : corrigez ce qui est signalé ci-dessous.
enquiry-again = Relisez votre demande, puis envoyez-la encore une fois.
enquiry-too-many = Beaucoup de demandes sont venues de votre connexion depuis une heure. Rien n’est perdu : renvoyez celle-ci plus tard, ou appelez-nous.
enquiry-notice = Ce que vous écrivez est enregistré et envoyé à ceux qui louent cet hébergement, pour vous répondre : des mesures précontractuelles prises à votre demande (RGPD, article 6, paragraphe 1, point b). Personne d’autre ne le reçoit. C’est supprimé au bout { $months ->
    [one] d’un mois
   *[other] de { $months } mois
}. Vous pouvez à tout moment demander à le consulter, à le corriger ou à le faire supprimer, et saisir votre autorité de protection des données, en France la CNIL.
enquiry-notice-more = En savoir plus sur la vie privée
enquiry-thanks = Merci de votre demande
enquiry-thanks-number = Votre numéro :
enquiry-thanks-next = Une confirmation part vers votre messagerie ; la réponse suivra par e-mail.
enquiry-back = Revenir à l’hébergement
enquiry-number = Numéro
enquiry-home = Hébergement
enquiry-dates = Dates du séjour
enquiry-guests = Voyageurs
enquiry-price = Prix au moment de la demande
enquiry-adults-count = { $count ->
    [one] { $count } adulte
   *[other] { $count } adultes
}
enquiry-children-count = { $count ->
    [one] { $count } enfant
   *[other] { $count } enfants
}
enquiry-pets-count = { $count ->
    [one] { $count } animal
   *[other] { $count } animaux
}
letter-hello = Bonjour,
letter-guest-subject = Votre demande { $number } : { $title }
letter-guest-text = merci de votre demande. Elle nous est parvenue, et nous y répondrons par e-mail.
letter-guest-no-booking = Ce n’est pas encore une réservation.
letter-guest-mistake = Si vous ne nous avez rien demandé, quelqu’un a saisi votre adresse par erreur : vous n’avez rien à faire.
letter-see-home = Voir l’hébergement
letter-staff-subject = Demande { $number } : { $title }
letter-staff-text = Quelqu’un pose une question sur l’un de vos hébergements.
letter-staff-link = Y répondre, ou en faire une réservation
letter-staff-reply = Si vous répondez à ce message, votre réponse va au voyageur ; la demande reste alors marquée comme nouvelle.

## La boîte de réception

inbox-title = Demandes
inbox-empty = Il n’y en a pas.
inbox-all = Toutes
inbox-state = État
inbox-state-new = Nouvelle
inbox-state-answered = Répondue
inbox-state-booked = Réservée
inbox-state-declined = Refusée
inbox-state-spam = Indésirable
inbox-received = Reçue
inbox-guest = Voyageur
inbox-telephone = Téléphone
inbox-newer = Plus récentes
inbox-older = Plus anciennes
inbox-answers = Réponses préparées
inbox-person = Données d’une personne
inbox-entry-title = Demande { $number }
inbox-message = Ce qui est demandé
inbox-language = Lit
inbox-language-en = l’anglais
inbox-language-fr = le français
inbox-book = En faire une réservation
inbox-book-help = Les nuits sont prises dans le calendrier, et le voyageur reçoit une confirmation.
inbox-booked = Le séjour est réservé, et une confirmation part chez le voyageur.
inbox-booked-before = Il était déjà réservé.
inbox-taken = Ces nuits sont prises entre-temps : rien n’a été réservé, et personne n’a reçu d’e-mail.
inbox-no-address = On ne peut pas écrire à cette adresse. Rien n’a été envoyé.
inbox-answer = Répondre
inbox-answer-text = Votre réponse
inbox-answer-help = Elle part à { $email } par e-mail. La réponse du voyageur va à l’adresse de l’hébergement pour les demandes.
inbox-answer-empty = Écrivez d’abord une réponse.
inbox-prepared = Commencer par une réponse préparée
inbox-prepared-take = La mettre dans le champ
inbox-send = Envoyer la réponse
inbox-answered = La réponse est partie.
inbox-mark = Marquer comme
inbox-marked = L’état a été changé.
inbox-letters = E-mails
inbox-letter-waiting = pas encore envoyée
inbox-letter-sent = envoyée le { $day }
letter-answer-subject = Votre demande { $number } : { $title }
letter-booked-subject = Réservé : { $title }, { $dates }
letter-booked-text = votre séjour est réservé. Nous nous réjouissons de vous accueillir.

## Les réponses préparées

answers-title = Réponses préparées
answers-introduction = Des textes pour répondre aux demandes. Le voyageur reçoit celui de sa langue.
answers-empty = Il n’y en a pas encore.
answers-add = Ajouter une réponse
answers-name = Nom
answers-text-en = Texte en anglais
answers-text-fr = Texte en français
answers-save = Enregistrer
answers-delete = Supprimer
answers-saved = La réponse a été enregistrée.
answers-deleted = La réponse a été supprimée.
answers-no-name = Saisissez un nom : c’est par lui que vous choisissez la réponse.
answers-twice = Une autre réponse porte ce nom.
answers-not-saved = Rien n’a encore été enregistré : corrigez ce qui est signalé ci-dessous.

## Les données d’une personne

person-title = Données d’une personne
person-introduction = Qui a posé une question peut demander ce que vous savez de lui, et le faire supprimer. Saisissez l’adresse e-mail d’où la question est venue.
person-email = Adresse e-mail
person-find = Chercher
person-none = Rien n’est enregistré sur cette adresse.
person-found = Sur { $email } sont enregistrées { $enquiries ->
    [one] { $enquiries } demande
   *[other] { $enquiries } demandes
} et { $letters ->
    [one] { $letters } e-mail
   *[other] { $letters } e-mails
}.
person-export = L’enregistrer dans un fichier
person-erase = Tout supprimer
person-erase-help = Les demandes et les e-mails sont supprimés pour de bon. Les nuits réservées le restent ; elles ne portent aucun nom.
person-erase-sure = Je veux tout supprimer
person-not-sure = Rien n’a été supprimé : cochez d’abord que vous le voulez.
person-erased = Tout ce qui concernait cette adresse a été supprimé.

## L’adresse d’un hébergement pour les demandes

model-contact = adresse pour les demandes
field-contact-email = Adresse pour les demandes
help-contact-email = Les demandes sur cet hébergement y arrivent ; sans elle, à l’adresse du site.
