/* login - asks the person what stands between them and their mail: the password of the account (and
 * the name where it has none or it was refused), and whether the key of a server that is not
 * trusted is to be. */
#ifndef SHEAF_UI_LOGIN_H
#define SHEAF_UI_LOGIN_H

#include "ui/app.h"

/* `why` it is asked, or NULL the first time; `refused`: the server did, and the name may be wrong
 * too.  The answer goes to account_set_password().  Does nothing while a question is open already.
 */
void login_ask(App *app, const char *user, const char *why, bool refused);

/* A pop-up with what is wrong; the answer goes to account_trust(). */
void login_ask_trust(App *app, const Certificate *certificate);

#endif
