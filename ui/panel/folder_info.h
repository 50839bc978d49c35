/* folder_info - what :folder-info shows of one folder: what the tree knows, and what the server
 * told when it was asked. */
#ifndef SHEAF_UI_FOLDER_INFO_H
#define SHEAF_UI_FOLDER_INFO_H

#include "core/account/facts.h"
#include "core/account/folder.h"
#include "mime/doc.h"

/* Lines of at most `width` columns; `folder` is NULL where the tree does not have it. */
MimeDoc *folder_info_document(const Folder *folder, const Facts *facts, int width);

#endif
