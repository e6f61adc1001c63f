// What was found in the damaged files of a store, and what that says: whether it is ours, what is missing, and whether that is
// all. Private to this room.
#pragma once

#include <map>
#include <string>

#include "io/store/new_store.hpp"
#include "io/store/page_image.hpp"
#include "io/store/rescue.hpp"
#include "io/store/salvage.hpp"
#include "io/store/store_mark.hpp"

namespace surged::rescue {

/// Everything that a finding rests on.
struct Evidence {
    const std::string& path;
    const sqlite::PageImage& image;
    sqlite::Salvage& salvage;
    sqlite::NewStore& rows;                          ///< that were read back
    const std::map<std::string, std::string> names;  ///< of the table `meta`: schema, installation, term
};

/// Fills in `pages`, `zeroed`, `silent`, `records`, `snapshots`, `ours`, `newer` and `looks_like`. True: it is a store of ours
/// that this program can read, and find_missing() is next.
bool find_whose(Evidence& evidence, StoreFindings& out);
/// Fills in `head`, `installation`, `before`, `lost` and `doubt`, and the term of the new store.
Result<void, LogFailure> find_missing(Evidence& evidence, StoreFindings& out);

}  // namespace surged::rescue
