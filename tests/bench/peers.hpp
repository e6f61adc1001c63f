// The peers of `peers`: real programs, started by hand with configurations of their own, nothing of them left behind.
#pragma once

#include <memory>
#include <string>

#include "page_path.hpp"

namespace surged::bench {

/// Each is null when its program is not installed; `why` then says what is missing. `tokens`: how many pages will be asked of it,
/// from `first_token` on in steps of one.
struct PeerSettings {
    std::string folder;  ///< of the peer alone; exists
    std::string url;     ///< of the sink
    int first_token = 0;
    int tokens = 0;
};
/// Prometheus (1 s scrape, 1 s evaluation) and Alertmanager (group_wait 0 s). The breach is the moment the scraped page shows it.
std::unique_ptr<PagePath> start_prometheus(const PeerSettings& settings, std::string& why);
/// collectd: PUTVAL on its unix socket, threshold plugin, exec plugin with a notification script.
std::unique_ptr<PagePath> start_collectd(const PeerSettings& settings, std::string& why);
/// Icinga 2: a passive result on its command pipe, a notification command.
std::unique_ptr<PagePath> start_icinga(const PeerSettings& settings, std::string& why);

/// A shell script that posts its input (or $NAME when there is none) to the sink, as operators write them. Returns its path.
std::string write_script(const std::string& folder, const std::string& url, bool from_input);
void write_file(const std::string& path, const std::string& text);

}  // namespace surged::bench
