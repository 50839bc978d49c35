/* login - asks the person for the password of the account, and for the name where it has none or it
 * was refused. */
#ifndef SHEAF_UI_LOGIN_H
#define SHEAF_UI_LOGIN_H

#include "ui/app.h"

/* `why` is the refusal, or NULL the first time.  The answer goes to account_set_password().  Does
 * nothing while a question is open already. */
void login_ask(App *app, const char *user, const char *why);

#endif
