#include "io/store/file_writer.hpp"

#include <utility>

#include "io/store/side_file.hpp"

namespace surged {

FileWriter::FileWriter() : thread_([this] { loop(); }) {}

FileWriter::~FileWriter() {
    {
        const std::lock_guard hold(lock_);
        stopping_ = true;
    }
    work_.notify_one();
    thread_.join();
}

void FileWriter::begin(std::string path) {
    push(Begin{std::move(path)});
}
void FileWriter::add(std::string piece) {
    push(std::move(piece));
}
void FileWriter::finish(After after) {
    push(std::move(after));
}

void FileWriter::push(Order order) {
    {
        const std::lock_guard hold(lock_);
        if (const auto* piece = std::get_if<std::string>(&order)) {
            bytes_ += piece->size();
        }
        orders_.push_back(std::move(order));
    }
    work_.notify_one();
}

std::size_t FileWriter::waiting() const {
    const std::lock_guard hold(lock_);
    return bytes_;
}

bool FileWriter::busy() const {
    const std::lock_guard hold(lock_);
    return writing_ || !orders_.empty();
}

void FileWriter::loop() {
    std::unique_ptr<NewFile> file;
    std::unique_lock hold(lock_);
    for (;;) {
        work_.wait(hold, [this] { return stopping_ || !orders_.empty(); });
        if (orders_.empty()) {
            return;
        }
        Order order = std::move(orders_.front());
        orders_.pop_front();
        writing_ = true;
        hold.unlock();
        std::size_t size = 0;
        if (auto* begin = std::get_if<Begin>(&order)) {
            file.reset();  // first: it unlinks its temporary file, which has the name that the new one's will have
            file = std::make_unique<NewFile>(std::move(begin->path));
        } else if (const auto* piece = std::get_if<std::string>(&order)) {
            size = piece->size();
            if (file) {
                file->add(*piece);
            }
        } else if (file) {
            const auto written = file->commit();
            file.reset();
            if (const auto& after = std::get<After>(order)) {
                after(written);
            }
        }
        order = Begin{};  // a piece is given back before the lock is taken
        hold.lock();
        bytes_ -= size;
        writing_ = false;
    }
}

}  // namespace surged
