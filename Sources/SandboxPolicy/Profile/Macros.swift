package import KernelTypes

/// The words that stand for directories at the front of a path.
package struct Macros: Sendable {
  package let home: Path
  package let runtimeDirectory: Path
  /// The elements of the caller's `$PATH` for `${PATH}`.
  package let searchPath: [Path]
  /// A directory of the user's by macro name (`DOWNLOADS`); nil where unknown. It is asked for
  /// when a profile mentions it, because finding it reads files.
  package let userDirectory: @Sendable (String) throws(HostError) -> Path?

  package init(
    home: Path, uid: UInt32, searchPath: [Path],
    userDirectory: @escaping @Sendable (String) throws(HostError) -> Path?
  ) {
    self.home = home.normalized
    runtimeDirectory = Path("/run/user/\(uid)")
    self.searchPath = searchPath
    self.userDirectory = userDirectory
  }

  static let homeMacro = Array("${HOME}".utf8)

  /// Where Firejail keeps its system profiles, which is what `${CFG}` means.
  package static let firejailDirectory: Path = "/etc/firejail"

  /// The macro names of the XDG user directories, with the key of `user-dirs.dirs` and the
  /// translated directory names to look for when that file says nothing.
  package static let userDirectoryNames: [(macro: String, key: String, names: [String])] = [
    (
      "DESKTOP", "XDG_DESKTOP_DIR",
      [
        "Desktop", "Рабочий стол", "Bureau", "Scrivania",
        "Escritorio", "Área de Trabalho", "Schreibtisch",
      ]
    ),
    (
      "DOCUMENTS", "XDG_DOCUMENTS_DIR",
      [
        "Documents", "Документы", "Documenti", "Documentos",
        "Dokumente",
      ]
    ),
    (
      "DOWNLOADS", "XDG_DOWNLOAD_DIR",
      [
        "Downloads", "Загрузки", "Téléchargements", "Scaricati",
        "Descargas",
      ]
    ),
    ("MUSIC", "XDG_MUSIC_DIR", ["Music", "Музыка", "Musique", "Musica", "Música", "Musik"]),
    (
      "PICTURES", "XDG_PICTURES_DIR",
      [
        "Pictures", "Изображения", "Images", "Immagini",
        "Imágenes", "Imagens", "Bilder",
      ]
    ),
    ("PROJECTS", "XDG_PROJECTS_DIR", ["Projects"]),
    (
      "PUBLICSHARE", "XDG_PUBLICSHARE_DIR",
      [
        "Public", "Общедоступные", "Pubblici", "Público",
        "Öffentlich",
      ]
    ),
    (
      "TEMPLATES", "XDG_TEMPLATES_DIR",
      [
        "Templates", "Шаблоны", "Modèles", "Modelli",
        "Plantillas", "Modelos", "Vorlagen",
      ]
    ),
    ("VIDEOS", "XDG_VIDEOS_DIR", ["Videos", "Видео", "Vidéos", "Video", "Vídeos"]),
  ]

  /// A text behind the home directory's path.
  func inHome(_ rest: ArraySlice<UInt8>) -> Path {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(home.bytes.count + rest.count)
    bytes += home.bytes
    bytes += rest
    return Path(bytes)
  }

  /// The path with its leading macro replaced.
  ///
  /// - Returns: nil where the macro is one of the user's directories and that is unknown here.
  /// - Throws: for `$NAME`, for an unknown macro, and for one that is not at the front.
  package func expand(_ text: ArraySlice<UInt8>) throws(DirectiveError) -> Path? {
    if text.first == UInt8(ascii: "~") {
      return inHome(text.dropFirst())
    }
    guard text.first == UInt8(ascii: "$") else { return Path(text) }
    if text.starts(with: Self.homeMacro) {
      return inHome(text.dropFirst(Self.homeMacro.count))
    }
    guard text.starts(with: "${".utf8), let brace = text.firstIndex(of: UInt8(ascii: "}")) else {
      throw DirectiveError(
        "\"\(displayed(text))\": a macro is written ${NAME}", hint: "write ${HOME}")
    }
    let name = String(
      decoding: text[text.index(text.startIndex, offsetBy: 2)..<brace], as: UTF8.self)
    let rest = text[(brace + 1)...]
    switch name {
    case "CFG": return Path(Self.firejailDirectory.bytes + rest)
    case "RUNUSER": return Path(runtimeDirectory.bytes + rest)
    default: break
    }
    if Self.userDirectoryNames.contains(where: { $0.macro == name }) {
      do throws(HostError) {
        return try userDirectory(name).map { Path($0.bytes + rest) }
      } catch {
        throw DirectiveError(error.message)
      }
    }
    let known = ["HOME", "CFG", "RUNUSER", "PATH"] + Self.userDirectoryNames.map { $0.macro }
    throw DirectiveError(
      "no macro is called \"${\(displayed(Array(name.utf8)))}\"",
      hint: suggestion(for: name, in: known))
  }
}
