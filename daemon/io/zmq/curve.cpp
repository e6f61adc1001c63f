#include "io/zmq/curve.hpp"

#include <algorithm>
#include <array>
#include <fstream>

namespace surged {

namespace {

constexpr std::size_t key_text_size = 40;
constexpr std::size_t key_size = 32;

/// The 32 bytes of a key in Z85; nullopt when the text is none.
std::optional<std::string> decode_key(const std::string& text) {
    std::string bytes(key_size, '\0');
    if (text.size() != key_text_size || zmq_z85_decode(reinterpret_cast<std::uint8_t*>(bytes.data()), text.c_str()) == nullptr) {
        return std::nullopt;
    }
    return bytes;
}

Result<std::string> read_key(const char* what, const std::string& path) {
    if (path.empty()) {
        return fail(std::string("curve: ") + what + " is missing");
    }
    std::ifstream file(path);
    std::string text;
    if (!(file >> text)) {
        return fail(std::string("curve: cannot read ") + what + " " + path);
    }
    auto key = decode_key(text);
    if (!key) {
        return fail(std::string("curve: ") + what + " " + path + " holds no key (40 characters of Z85)");
    }
    return std::move(*key);
}

Result<void> set_key(ZmqSocket& socket, int option, const char* what, const std::string& path) {
    const Result<std::string> key = read_key(what, path);
    return key ? socket.set(option, std::string_view(*key)) : Result<void>(tl::unexpected(key.error()));
}

}  // namespace

Result<void> guard_as_server(ZmqSocket& socket, const CurveSettings& settings) {
    if (settings.secret_key_file.empty()) {
        return {};
    }
    if (auto server = socket.set(ZMQ_CURVE_SERVER, 1); !server) {
        return server;
    }
    // The domain makes libzmq ask the doorkeeper, if there is one.
    if (auto domain = socket.set(ZMQ_ZAP_DOMAIN, std::string_view("surged")); !domain) {
        return domain;
    }
    return set_key(socket, ZMQ_CURVE_SECRETKEY, "secret_key_file", settings.secret_key_file);
}

Result<void> guard_as_client(ZmqSocket& socket, const CurveSettings& settings) {
    if (settings.secret_key_file.empty()) {
        return {};
    }
    if (auto key = set_key(socket, ZMQ_CURVE_SERVERKEY, "server_key_file", settings.server_key_file); !key) {
        return key;
    }
    if (auto key = set_key(socket, ZMQ_CURVE_PUBLICKEY, "public_key_file", settings.public_key_file); !key) {
        return key;
    }
    return set_key(socket, ZMQ_CURVE_SECRETKEY, "secret_key_file", settings.secret_key_file);
}

Result<Doorkeeper> Doorkeeper::create(const ZmqContext& context, const std::vector<std::string>& allowed_keys) {
    std::vector<std::string> keys;
    for (const std::string& text : allowed_keys) {
        auto key = decode_key(text);
        if (!key) {
            return fail("curve: an entry of allowed_keys is no key (40 characters of Z85)");
        }
        keys.push_back(std::move(*key));
    }
    std::sort(keys.begin(), keys.end());
    auto socket = ZmqSocket::create(context, ZMQ_REP);
    if (!socket) {
        return tl::unexpected(socket.error());
    }
    if (auto bound = socket->bind("inproc://zeromq.zap.01"); !bound) {
        return tl::unexpected(bound.error());
    }
    return Doorkeeper(std::move(*socket), std::move(keys));
}

void Doorkeeper::answer() {
    // Frames of a question: version, request id, domain, address, identity, mechanism, credentials.
    constexpr std::size_t frames_of_question = 7;
    ZmqFrame frame;
    while (frame.receive(socket_)) {
        std::array<std::string, frames_of_question> question;
        std::size_t count = 0;
        while (true) {
            if (count < frames_of_question) {
                question[count] = frame.bytes();
            }
            ++count;
            if (!frame.more() || !frame.receive(socket_)) {
                break;
            }
        }
        const bool known = count == frames_of_question && question[0] == "1.0" && question[5] == "CURVE" &&
                           std::binary_search(keys_.begin(), keys_.end(), question[6]);
        const std::array<std::string_view, 6> reply{"1.0", question[1], known ? "200" : "400", known ? "OK" : "not on the list",
                                                    "",    ""};
        for (std::size_t i = 0; i < reply.size(); ++i) {
            const int more = i + 1 < reply.size() ? ZMQ_SNDMORE : 0;
            zmq_send(socket_.raw(), reply[i].data(), reply[i].size(), ZMQ_DONTWAIT | more);
        }
    }
}

}  // namespace surged
