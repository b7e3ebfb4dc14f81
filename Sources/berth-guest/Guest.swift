import CGuestWire
@main enum Guest {
    static func main() {}
}
