#include "io/zmq/curve.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <sstream>

#include "os/file.hpp"

namespace surged {

namespace {

constexpr std::size_t key_text_size = 40;
constexpr std::size_t key_size = 32;
constexpr std::size_t key_file_bytes_max = 4096;  // the key, and blanks around it

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
    std::istringstream file(read_file(path, key_file_bytes_max).value_or(""));
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

Result<void> ask_doorkeeper(ZmqSocket& socket) {
    return socket.set(ZMQ_ZAP_DOMAIN, std::string_view("surged"));
}

Result<std::unique_ptr<Doorkeeper>> Doorkeeper::create(const ZmqContext& context, const Guests& guests) {
    std::vector<Key> keys;
    for (const std::string& text : guests.allowed_keys) {
        auto key = decode_key(text);
        if (!key) {
            return fail("curve: an entry of allowed_keys is no key (40 characters of Z85)");
        }
        keys.push_back({std::move(*key), ""});
    }
    for (std::size_t i = 0; i < guests.clients.size(); ++i) {
        auto key = decode_key(guests.clients[i].key);
        if (!key) {
            return fail("curve: the key of client " + guests.clients[i].name + " is no key (40 characters of Z85)");
        }
        keys.push_back({std::move(*key), std::to_string(i)});
    }
    std::sort(keys.begin(), keys.end(),
              [](const Key& a, const Key& b) { return a.bytes != b.bytes ? a.bytes < b.bytes : a.user > b.user; });
    auto socket = ZmqSocket::create(context, ZMQ_REP);
    if (!socket) {
        return tl::unexpected(socket.error());
    }
    if (auto bound = socket->bind("inproc://zeromq.zap.01"); !bound) {
        return tl::unexpected(bound.error());
    }
    Fd wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!wake) {
        return fail("no descriptor is left");
    }
    std::unique_ptr<Doorkeeper> made(new Doorkeeper(std::move(*socket), std::move(keys), guests.curve, std::move(wake)));
    made->thread_ = std::thread([raw = made.get()] { raw->run(); });
    return made;
}

Doorkeeper::~Doorkeeper() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(wake_.get(), &one, sizeof one);
    if (thread_.joinable()) {
        thread_.join();
    }
}

void Doorkeeper::run() {
    std::array<zmq_pollitem_t, 2> items{{{socket_.raw(), 0, ZMQ_POLLIN, 0}, {nullptr, wake_.get(), ZMQ_POLLIN, 0}}};
    while (true) {
        const int found = zmq_poll(items.data(), static_cast<int>(items.size()), -1);
        if (found < 0 && zmq_errno() != EINTR) {
            return;  // the context ends
        }
        if (found > 0 && items[1].revents != 0) {
            return;
        }
        answer();
    }
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
        // NULL brings no credentials. The question of a peer that speaks an older ZMTP never comes: libzmq has no answer to wait for.
        const bool whole = question[0] == "1.0" && (curve_ ? count == frames_of_question && question[5] == "CURVE"
                                                           : count + 1 == frames_of_question && question[5] == "NULL");
        const auto found = std::lower_bound(keys_.begin(), keys_.end(), question[6],
                                            [](const Key& key, const std::string& bytes) { return key.bytes < bytes; });
        const bool listed = found != keys_.end() && found->bytes == question[6];
        const bool known = whole && (!curve_ || keys_.empty() || listed);
        const std::array<std::string_view, 6> reply{"1.0",
                                                    question[1],
                                                    known ? "200" : "400",
                                                    known ? "OK" : "not on the list",
                                                    known && listed ? std::string_view(found->user) : std::string_view(),
                                                    ""};
        for (std::size_t i = 0; i < reply.size(); ++i) {
            const int more = i + 1 < reply.size() ? ZMQ_SNDMORE : 0;
            zmq_send(socket_.raw(), reply[i].data(), reply[i].size(), ZMQ_DONTWAIT | more);
        }
    }
}

Result<void> try_curve(const CurveSettings& settings, bool serves) {
    auto context = ZmqContext::create();
    if (!context) {
        return tl::unexpected(context.error());
    }
    auto socket = ZmqSocket::create(*context, serves ? ZMQ_PULL : ZMQ_SUB);
    if (!socket) {
        return tl::unexpected(socket.error());
    }
    return serves ? guard_as_server(*socket, settings) : guard_as_client(*socket, settings);
}

}  // namespace surged
