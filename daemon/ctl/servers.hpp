// The daemons that a command may ask, one after the other: those of a cluster, of which one is at work. It knows who answered last and who
// stands by; what is asked is the caller's.
//
// Hardest rule: the token goes to the servers that were named and to no other: what a stand-by says of the owner's address is shown to
// people and never followed.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "io/courier/client/http_client.hpp"

namespace surged {

/// "https://a:9847,https://b:9847" -> its parts in their order: blanks and slashes around are dropped, and what is named twice counts once.
std::vector<std::string> servers_of(std::string_view list);

/// A host of a cluster that is not at work answered: its error has the code `standby`.
bool stands_by(const ClientReply& reply);

class Servers {
public:
    /// `common`: all but the server. `first`: whom to ask first. `rounds`: how often all of them are asked, a second apart, while one at least
    /// stands by: a take-over is under way.
    Servers(std::vector<std::string> urls, const HttpClientOptions& common, std::size_t first, int rounds);

    using Ask = std::function<Result<ClientReply>(HttpClient&)>;
    /// Asks the one who answered last, then the others. Of one server alone what it answered, whatever it is; of several the answer of the
    /// first that is neither away nor stands by. Error: none of them, each with its reason.
    Result<ClientReply> ask(const Ask& question);

    /// Who answered last, or is to be asked first: its place in the list and its address.
    std::size_t at() const { return at_; }
    const std::string& url() const { return urls_[at_]; }

private:
    struct Round {
        Result<ClientReply> last = fail("nobody was asked");
        std::string reasons;
        bool answered = false;
        bool standing_by = false;
    };
    Round ask_all(const Ask& question);

    std::vector<std::string> urls_;  ///< one at least
    std::vector<std::unique_ptr<HttpClient>> clients_;
    std::size_t at_ = 0;
    int rounds_ = 1;
};

}  // namespace surged
