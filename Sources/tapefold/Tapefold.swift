import ArgumentParser
import Server

@main
struct Tapefold: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "The live server.")
}
