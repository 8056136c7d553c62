# Un nouveau mot de passe par e-mail.
password-reset-link = Mot de passe oublié ?
password-reset-title = Un nouveau mot de passe
password-reset-introduction = Saisissez l’adresse e-mail de votre compte : vous recevrez un message avec un lien pour définir un nouveau mot de passe.
password-reset-email = Adresse e-mail
password-reset-email-wrong = Saisissez une adresse comme nom@example.com.
password-reset-button = Envoyez-moi le message
password-reset-back = Retour à la connexion
password-reset-sent-title = Consultez votre boîte de réception
password-reset-sent-text = Si un compte a cette adresse, un message est en route. Son lien sert une fois, pendant trois jours.
password-reset-sent-hint = Rien n’est arrivé après quelques minutes ? Regardez parmi les indésirables, et vérifiez que c’est bien l’adresse de votre compte.
password-reset-confirm-title = Définir un nouveau mot de passe
password-reset-confirm-introduction = Saisissez deux fois le nouveau mot de passe. Partout où votre compte est connecté, il faudra vous reconnecter.
password-reset-invalid-title = Ce lien ne fonctionne plus
password-reset-invalid-text = Il a déjà servi, il a plus de trois jours, ou le compte s’est connecté depuis. Vous pouvez en demander un autre.
password-reset-again = Demander un autre message
password-reset-complete-title = Votre nouveau mot de passe est défini
password-reset-complete-text = Vous pouvez vous connecter avec lui dès maintenant.
password-reset-letter-subject = Un nouveau mot de passe pour Orange County Lettings
password-reset-letter =
    Bonjour,

    un nouveau mot de passe a été demandé pour le compte { $username }. Ce lien permet d’en définir un, une seule fois et pendant trois jours :

    { $link }

    Si ce n’était pas vous, vous n’avez rien à faire : votre mot de passe reste le même.

    Orange County Lettings

# La boîte d’envoi.
outbox-title = Boîte d’envoi
outbox-introduction = Les messages des trente derniers jours, les plus récents d’abord. Les heures sont en UTC.
outbox-empty = Il n’y a aucun message.
outbox-no-server = Aucun serveur n’est réglé : les messages attendent ici jusqu’à ce qu’il y en ait un.
outbox-queued = Écrit
outbox-recipient = À
outbox-subject = Objet
outbox-state = État
outbox-attempts = Essais
outbox-waiting = En attente
outbox-sent = Envoyé
outbox-given-up = Abandonné
outbox-again = Renvoyer
outbox-again-done = Le message part à nouveau.
outbox-again-refused = Le message n’existe plus, n’a plus de contenu, ou est en cours d’envoi.
outbox-newer = Plus récents
outbox-older = Plus anciens
