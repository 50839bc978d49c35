#include "config.h"
#include "ui/shell/typed.h"

#include <histedit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define HISTORY_LINES 500
#define LINE_BYTES    4096 /* no terminal has longer ones */

struct Typed {
	const char *const *verbs;
	const char *prompt;
	EditLine *editor; /* NULL: not a terminal */
	History *history;
};

static char *prompt_of(EditLine *editor)
{
	Typed *typed = NULL;

	el_get(editor, EL_CLIENTDATA, &typed);
	return (char *)typed->prompt;
}

/* What is typed so far, behind "help" where that is its first word. */
static char *verb_begun(const LineInfo *line)
{
	g_autofree char *text = g_strndup(line->buffer, (gsize)(line->cursor - line->buffer));
	const char *at = text + strspn(text, " ");

	if (g_ascii_strncasecmp(at, "help ", 5) == 0)
		at += 5;
	return g_ascii_strdown(at, -1);
}

/* What all verbs that begin so have in common; "" where none does. */
static char *common_beginning(const Typed *typed, const char *begun, unsigned *n)
{
	char *common = NULL;

	*n = 0;
	for (const char *const *verb = typed->verbs; *verb; verb++) {
		if (!g_str_has_prefix(*verb, begun))
			continue;
		(*n)++;
		if (!common)
			common = g_strdup(*verb);
		for (size_t i = 0; common[i]; i++)
			if (common[i] != (*verb)[i])
				common[i] = '\0';
	}
	return common ? common : g_strdup("");
}

static void list_verbs(const Typed *typed, const char *begun)
{
	putchar('\n');
	for (const char *const *verb = typed->verbs; *verb; verb++)
		if (g_str_has_prefix(*verb, begun))
			printf("%s  ", *verb);
	putchar('\n');
}

static unsigned char complete(EditLine *editor, wint_t key G_GNUC_UNUSED)
{
	Typed *typed = NULL;
	unsigned n;

	el_get(editor, EL_CLIENTDATA, &typed);
	g_autofree char *begun = verb_begun(el_line(editor));
	g_autofree char *common = common_beginning(typed, begun, &n);
	g_autofree char *rest =
		g_strconcat(n ? common + strlen(begun) : "", n == 1 ? " " : "", NULL);
	if (*rest)
		return el_insertstr(editor, rest) == 0 ? CC_REFRESH : CC_ERROR;
	if (n == 0)
		return CC_ERROR;
	list_verbs(typed, begun);
	return CC_REDISPLAY;
}

static void start_editor(Typed *typed)
{
	HistEvent event;

	typed->editor = el_init("sheaf", stdin, stdout, stderr);
	typed->history = history_init();
	history(typed->history, &event, H_SETSIZE, HISTORY_LINES);
	el_set(typed->editor, EL_CLIENTDATA, typed);
	el_set(typed->editor, EL_PROMPT, prompt_of);
	el_set(typed->editor, EL_EDITOR, "emacs");
	el_set(typed->editor, EL_HIST, history, typed->history);
	el_set(typed->editor, EL_SIGNAL, 1);
	/* Of narrow strings it would keep copies for ever. */
	el_wset(typed->editor, EL_ADDFN, L"complete-verb", L"Complete a verb", complete);
	el_set(typed->editor, EL_BIND, "^I", "complete-verb", NULL);
	/* What its user has set for all programs. */
	el_source(typed->editor, NULL);
}

Typed *typed_new(const char *const *verbs)
{
	Typed *typed = g_new0(Typed, 1);

	typed->verbs = verbs;
	if (isatty(STDIN_FILENO))
		start_editor(typed);
	return typed;
}

void typed_free(Typed *typed)
{
	if (!typed)
		return;
	if (typed->editor) {
		history_end(typed->history);
		el_end(typed->editor);
	}
	g_free(typed);
}

/* A log-in must not be found again with the arrow keys; what is sent as it is may be one. */
static gboolean is_kept(const char *line, gboolean secret)
{
	line += strspn(line, " ");
	if (g_ascii_strncasecmp(line, "xatom ", 6) == 0)
		line += 6 + strspn(line + 6, " \"");
	return !secret && *line && *line != '\n' && g_ascii_strncasecmp(line, "login", 5) != 0 &&
	       g_ascii_strncasecmp(line, "send", 4) != 0 &&
	       g_ascii_strncasecmp(line, "authenticate ", 13) != 0;
}

static char *edited_line(Typed *typed, gboolean secret)
{
	HistEvent event;
	const char *line;
	int len;

	/* libedit would do it behind its prompt, and lose an end of input typed in between. */
	el_set(typed->editor, EL_PREP_TERM, 1);
	line = el_gets(typed->editor, &len);
	if (!line || len <= 0)
		return NULL;
	if (is_kept(line, secret))
		history(typed->history, &event, H_ENTER, line);
	return g_strndup(line, strcspn(line, "\r\n"));
}

char *typed_line(Typed *typed, const char *prompt, gboolean secret)
{
	g_autofree char *line = NULL;
	char *copy;
	size_t room = 0;

	typed->prompt = prompt;
	if (typed->editor)
		return edited_line(typed, secret);
	if (getline(&line, &room, stdin) < 0)
		return NULL;
	copy = g_strndup(line, strcspn(line, "\r\n"));
	explicit_bzero(line, strlen(line));
	return copy;
}

/* The interrupt key ends the line, so that the terminal is put right whatever is typed.  A terminal
 * gives one line a read. */
char *typed_secret(const char *prompt)
{
	struct termios before, quiet;
	char line[LINE_BYTES], *secret = NULL;
	ssize_t len;

	if (tcgetattr(STDIN_FILENO, &before) != 0)
		return NULL;
	quiet = before;
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
	quiet.c_cc[VEOL] = quiet.c_cc[VINTR];
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
	fputs(prompt, stderr);
	len = read(STDIN_FILENO, line, sizeof(line));
	tcsetattr(STDIN_FILENO, TCSANOW, &before);
	fputc('\n', stderr);
	if (len > 0 && line[len - 1] == '\n')
		secret = g_strndup(line, (gsize)len - 1);
	explicit_bzero(line, sizeof(line));
	return secret;
}
