// A board as the JSON that Grafana reads.
#pragma once

#include <string>
#include <string_view>

#include "boards/board.hpp"

namespace surged {

struct BoardOptions {
    std::string prefix = "surged";                  ///< what the names of metrics begin with
    std::string datasource;                         ///< uid of the data source that is chosen at first; empty = Grafana's default
    std::string job = "surged";                     ///< in rules and scrape configuration; the boards ask which jobs there are
    std::string console = "http://127.0.0.1:9847";  ///< surged's console as a browser reaches it
};

/// Indented, with a newline at its end.
std::string board_json(const Board& board, const BoardOptions& options);

/// A board's uid: of a prefix of its own a uid of its own, so that two sets live in one Grafana. At most 40 characters, Grafana's
/// limit.
std::string board_uid(const Board& board, const BoardOptions& options);

/// `text` with the names of surged's metrics under another prefix. What stands in double quotes at once ("surged_...") is the
/// value of a label, which a collector that renames metrics leaves alone; what goes on with a dot is the name of a file.
std::string with_prefix(std::string_view text, std::string_view prefix);

/// The marks of a query (see PanelQuery) put in place.
std::string query_text(std::string_view expr);

}  // namespace surged
