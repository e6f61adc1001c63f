#include "io/courier/client/server_line.hpp"

#include "core/base/text.hpp"
#include "io/courier/client/http_client.hpp"

namespace surged {

namespace {
constexpr std::size_t shown_of_answer = 200;
}  // namespace

ServerLine::ServerLine(ServerLineOptions options) : options_(std::move(options)) {
    for (const auto& server : options_.servers) {
        HttpClientOptions client;
        client.server = server;
        client.ca_file = options_.ca_file;
        client.cert_file = options_.cert_file;
        client.key_file = options_.key_file;
        client.connect_timeout = client.timeout = options_.timeout;
        clients_.push_back(std::make_unique<HttpClient>(std::move(client)));
    }
}

ServerLine::~ServerLine() = default;

const std::string& ServerLine::server() const {
    return options_.servers[first_];
}

Result<std::string> ServerLine::post(std::string_view path, const std::string& json) {
    std::string said;
    for (std::size_t i = 0; i < clients_.size(); ++i) {
        const std::size_t at = (first_ + i) % clients_.size();
        auto reply = clients_[at]->post(std::string(path), json, "");
        if (reply && reply->status == 200) {
            first_ = at;
            return std::move(reply->body);
        }
        said += said.empty() ? "" : "; ";
        said += reply ? options_.servers[at] + " answers " + std::to_string(reply->status) + ": " +
                            shown_safely(std::string_view(reply->body).substr(0, shown_of_answer))
                      : reply.error().message;
    }
    first_ = (first_ + 1) % clients_.size();
    return fail(said);
}

}  // namespace surged
