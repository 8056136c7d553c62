# The way in and out, passwords, and what forms say.
admin-title = Administration
admin-welcome = Welcome, { $name }
admin-introduction = You are logged in as a member of staff.
admin-view-site = View the site
admin-user = Logged in as { $username }

login-title = Log in
login-username = Username
login-password = Password
log-in = Log in
log-out = Log out
log-in-again = Log in again
login-refused = Username and password do not belong to a staff account. Both may be case-sensitive.
login-locked = { $minutes ->
    [one] Too many attempts have failed. Please try again in a minute.
   *[other] Too many attempts have failed. Please try again in { $minutes } minutes.
}
login-stranger = You are logged in as { $username }, who may not work here. You can log in with another account.
logged-out-title = You are logged out
logged-out-text = Thank you for your work today.

password-change-title = Change your password
password-change-link = Change password
password-change-introduction = For your safety, type your old password first, then the new one twice. Wherever else you are logged in, you will have to log in again.
password-change-button = Change my password
password-old = Old password
password-new = New password
password-again = New password, once more
password-changed-title = Your password is changed
password-changed-text = It counts from now on. Other sessions of yours have ended.
password-old-wrong = That is not your old password. Please type it again.
password-mismatch = The two new passwords differ.
password-too-short = This password is too short: it needs at least { $length } characters.
password-too-common = This password is too common.
password-entirely-numeric = This password is made of digits only.
password-control-character = This password holds a control character.
password-like-username = This password is too much like your username.
password-like-first-name = This password is too much like your first name.
password-like-last-name = This password is too much like your last name.
password-like-email = This password is too much like your e-mail address.
password-rule-similar = It must not be too much like what is known of you.
password-rule-length = It needs at least { $length } characters.
password-rule-common = It must not be a common password.
password-rule-numeric = It must not be made of digits only.

form-required = This field is required.
