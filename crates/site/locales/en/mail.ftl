# A new password by mail.
password-reset-link = Forgotten your password?
password-reset-title = A new password
password-reset-introduction = Type the e-mail address of your account: you will get a letter with a link to set a new password.
password-reset-email = E-mail address
password-reset-email-wrong = Please type an address such as name@example.com.
password-reset-button = Send me the letter
password-reset-back = Back to the login
password-reset-sent-title = Look into your mailbox
password-reset-sent-text = If an account has this address, a letter is on its way. Its link works once, and for three days.
password-reset-sent-hint = Nothing has arrived after some minutes? Look among the spam, and check that it is the address of your account.
password-reset-confirm-title = Set a new password
password-reset-confirm-introduction = Type the new password twice. Wherever you are logged in, you will have to log in again.
password-reset-invalid-title = This link does not work any more
password-reset-invalid-text = It has been used, it is older than three days, or you have logged in since. You can ask for another.
password-reset-again = Ask for another letter
password-reset-complete-title = Your new password is set
password-reset-complete-text = You can log in with it now.
password-reset-letter-subject = A new password for Orange County Lettings
password-reset-letter =
    Hello,

    somebody has asked for a new password for the account { $username }. With this link you can set one, once and within three days:

    { $link }

    If it was not you, you need not do anything: your password stays as it is.

    Orange County Lettings

# The outbox.
outbox-title = Outbox
outbox-introduction = Letters of the last thirty days, the newest first. Times are in UTC.
outbox-empty = There are no letters.
outbox-no-server = No server is set: letters wait here until one is.
outbox-queued = Written
outbox-recipient = To
outbox-subject = Subject
outbox-state = State
outbox-attempts = Attempts
outbox-waiting = Waits
outbox-sent = Sent
outbox-given-up = Given up
outbox-again = Send again
outbox-again-done = The letter is being sent again.
outbox-again-refused = The letter is gone, has no content any more, or is being sent at this moment.
outbox-newer = Newer
outbox-older = Older
