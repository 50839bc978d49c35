/* example - does what the example in the manual of Python's imaplib does: logs in, selects the
 *inbox, searches, and prints every message.
 *
 *	cc example.c -o example $(pkg-config --cflags --libs sheaf-imap)
 *	./example imaps://me@imap.example.org
 *
 * A second argument is a file of certificates to trust beside the system's. */
#define _DEFAULT_SOURCE /* getpass() */
#include <sheaf-imap/imap-client.h>
#include <stdio.h>
#include <unistd.h>

static char *ask_password(const char *user, const char *host, gpointer data G_GNUC_UNUSED)
{
	g_autofree char *prompt = g_strdup_printf("Password of %s at %s: ", user, host);

	return g_strdup(getpass(prompt));
}

/* Waits for the command that was given last; NULL where it was not done. */
static const ImapReply *answer(ImapClient *client)
{
	const ImapReply *reply = imap_client_wait(client);
	g_autofree char *text = imap_reply_text(reply, 0);

	if (imap_reply_is_ok(reply))
		return reply;
	fprintf(stderr, "%s\n", reply->error ? reply->error->message : text);
	return NULL;
}

/* The literal comes with what stands in front of it: "1 (RFC822 {120}". */
static gboolean print_message(ImapClient *client, const char *number)
{
	const ImapReply *reply;
	const ImapAnswer *message;

	imap_client_fetch(client, number, "(RFC822)", NULL, NULL);
	reply = answer(client);
	message = reply ? imap_reply_answer(reply, 0) : NULL;
	if (!message || !message->literal)
		return FALSE;
	printf("Message %s\n", number);
	fwrite(g_bytes_get_data(message->literal, NULL), 1, g_bytes_get_size(message->literal),
	       stdout);
	putchar('\n');
	return TRUE;
}

static gboolean print_inbox(ImapClient *client)
{
	const ImapReply *reply;
	g_autofree char *found = NULL;
	g_auto(GStrv) numbers = NULL;

	imap_client_select(client, "INBOX", false, NULL, NULL, NULL);
	if (!answer(client))
		return FALSE;
	imap_client_search(client, NULL, "ALL", NULL, NULL);
	reply = answer(client);
	if (!reply)
		return FALSE;
	found = imap_reply_text(reply, 0);
	numbers = g_strsplit(found, " ", -1);
	for (char **number = numbers; *number; number++)
		if (**number && !print_message(client, *number))
			return FALSE;
	imap_client_close(client, NULL, NULL);
	return answer(client) != NULL;
}

int main(int argc, char **argv)
{
	ImapOptions options = {.listener.password = ask_password};
	g_autoptr(GError) error = NULL;
	g_autoptr(ImapClient) client = NULL;

	if (argc > 2)
		options.ca_file = argv[2];
	client = imap_client_open(argc > 1 ? argv[1] : NULL, &options, &error);
	if (!client) {
		fprintf(stderr, "%s\n", error->message);
		return 2;
	}
	/* What goes out of scope logs out. */
	return print_inbox(client) ? 0 : 1;
}
