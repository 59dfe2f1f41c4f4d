internal import KernelTypes
/// Completions for shells and a syntax for editors, from the table.
package enum Completions {
  /// The files by their names below `share`.
  package static let files: [(name: String, text: String)] = [
    ("bash-completion/completions/sandbox", bash),
    ("zsh/site-functions/_sandbox", zsh),
    ("fish/vendor_completions.d/sandbox.fish", fish),
    ("vim/vimfiles/syntax/sandboxprofile.vim", vimSyntax),
    ("vim/vimfiles/ftdetect/sandboxprofile.vim", vimDetection),
  ]

  private static let made = "Made from the directive table by ReferenceTool: change that, not this."

  private static var options: [Directive] {
    DirectiveTable.all.filter { $0.support.isAccepted && $0.availability != .profileOnly }
  }

  /// What may follow an option.
  private enum Value {
    case none, file, sandbox, other
  }

  private static func value(of directive: Directive) -> Value {
    let placeholder: String
    switch directive.argument {
    case .none: return .none
    case .required(let text), .optional(let text): placeholder = text
    }
    if placeholder.hasPrefix("NAME|PID") { return .sandbox }
    let files = ["PATH", "FILE", "DIRECTORY", "DIR"]
    return files.contains { placeholder.utf8.holds($0.utf8) } ? .file : .other
  }

  private static func names(_ value: Value) -> [String] {
    options.filter { Self.value(of: $0) == value }.map { "--" + $0.name }
  }

  static var bash: String {
    let words = options.map { "--" + $0.name + ($0.argument.isRequired ? "=" : "") }
    return """
      # \(made)
      _sandbox() {
        local word=${COMP_WORDS[COMP_CWORD]} option= i
        # The shell takes the = of an option for a word of its own.
        if [ "$word" = = ]; then option=${COMP_WORDS[COMP_CWORD-1]} word=
        elif [ "${COMP_WORDS[COMP_CWORD-1]}" = = ]; then option=${COMP_WORDS[COMP_CWORD-2]}; fi
        COMPREPLY=()
        for ((i = 1; i < COMP_CWORD; i++)); do
          case ${COMP_WORDS[i]} in
          --) break ;;
          -* | =) ;;
          *) [ "${COMP_WORDS[i-1]}" = = ] || break ;;
          esac
        done
        if [ $i -lt $COMP_CWORD ]; then
          # The program's own words.
          if declare -F _command_offset >/dev/null; then
            [ "${COMP_WORDS[i]}" = -- ] && i=$((i + 1))
            _command_offset $i
          else COMPREPLY=($(compgen -f -- "$word")); fi
          return
        fi
        case $option in
        \(names(.sandbox).joined(separator: " | ")))
          COMPREPLY=($(compgen -W "$(sandbox --list 2>/dev/null |
            while IFS=: read -r pid user name rest; do echo "${name:-$pid}"; done)" -- "$word")) ;;
        \(names(.file).joined(separator: " | ")))
          compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$word")) ;;
        '')
          case $word in
          -*)
            COMPREPLY=($(compgen -W "\(words.joined(separator: " "))" -- "$word"))
            [ "${COMPREPLY[*]}" = "${COMPREPLY[*]%=}" ] || compopt -o nospace 2>/dev/null ;;
          *) COMPREPLY=($(compgen -c -- "$word")) ;;
          esac ;;
        esac
      }
      complete -F _sandbox sandbox

      """
  }

  static var zsh: String {
    let lines = options.map { directive in
      let mark =
        switch directive.argument {
        case .none: ""
        case .required: "="
        case .optional: "=-"
        }
      let action =
        switch value(of: directive) {
        case .none: ""
        case .file: ":file:_files"
        case .sandbox: ":sandbox:_sandbox_running"
        case .other: ":value:"
        }
      return "    '*--\(directive.name)\(mark)[\(zshEscaped(directive.summary))]\(action)' \\"
    }
    return """
      #compdef sandbox
      # \(made)
      _sandbox_running() {
        local -a names
        names=(${(f)"$(sandbox --list 2>/dev/null | while IFS=: read -r pid user name rest; do
          echo ${name:-$pid}; done)"})
        compadd -a names
      }
      _sandbox() {
        _arguments -S \\
      \(lines.joined(separator: "\n"))
          '(-)1:program:_command_names -e' '*::arguments:_normal'
      }
      _sandbox "$@"

      """
  }

  private static func zshEscaped(_ text: String) -> String {
    text.map { character in
      switch character {
      case "[", "]", ":", "\\": "\\\(character)"
      case "'": "'\\''"
      default: String(character)
      }
    }.joined()
  }

  static var fish: String {
    var text = """
      # \(made)
      function __sandbox_running
          sandbox --list 2>/dev/null | while read -d : -l pid user name rest
              test -n "$name"; and echo $name; or echo $pid
          end
      end
      complete -c sandbox -n 'not __fish_seen_subcommand_from (commandline -opc)[2..]' \\
          -xa '(__fish_complete_subcommand)'

      """
    for directive in options {
      let summary = directive.summary.map { $0 == "'" ? "\\'" : String($0) }.joined()
      let kind =
        switch value(of: directive) {
        case .none: "-f"
        case .file: directive.argument.isRequired ? "-rF" : "-F"
        case .sandbox: "-xa '(__sandbox_running)'"
        case .other: directive.argument.isRequired ? "-x" : "-f"
        }
      text += "complete -c sandbox -l \(directive.name) \(kind) -d '\(summary)'\n"
    }
    return text
  }

  static var vimSyntax: String {
    let words = DirectiveTable.all.filter { $0.availability != .commandLineOnly }
    let accepted = words.filter { $0.support.isAccepted }.map { $0.name }
    let refused = words.filter { !$0.support.isAccepted }.map { $0.name }
    return """
      " \(made)
      if exists('b:current_syntax') | finish | endif
      setlocal iskeyword+=-,.
      syntax match sandboxComment /^\\s*#.*/
      syntax match sandboxComment /\\s#.*/
      syntax match sandboxCondition /^\\s*?[A-Z0-9_]\\+:/
      syntax match sandboxVariable /\\${[A-Z_]\\+}/
      syntax match sandboxGroup /@[a-z0-9-]\\+/
      syntax match sandboxUnknown /^\\s*[a-z][a-z0-9.-]*/
      syntax match sandboxWord /^\\s*\\(?[A-Z0-9_]\\+:\\s*\\)\\?\\<\\(\(pattern(accepted))\\)\\>[.-]\\@!/ contains=sandboxCondition
      syntax match sandboxRefused /^\\s*\\<\\(\(pattern(refused))\\)\\>[.-]\\@!/
      highlight default link sandboxComment Comment
      highlight default link sandboxCondition PreProc
      highlight default link sandboxVariable Identifier
      highlight default link sandboxGroup Type
      highlight default link sandboxWord Statement
      highlight default link sandboxRefused Error
      highlight default link sandboxUnknown Error
      let b:current_syntax = 'sandboxprofile'

      """
  }

  /// Longer words first: one may begin another.
  private static func pattern(_ names: [String]) -> String {
    names.sorted { $0.count > $1.count }.map { $0.map { $0 == "." ? "\\." : String($0) }.joined() }
      .joined(separator: "\\|")
  }

  static var vimDetection: String {
    """
    " \(made)
    autocmd BufRead,BufNewFile */sandbox/*.profile,*/sandbox/*.local,*/sandbox/*.inc,*/firejail/*.profile,*/firejail/*.local,*/firejail/*.inc setfiletype sandboxprofile

    """
  }
}

extension Directive.Argument {
  var isRequired: Bool { if case .required = self { true } else { false } }
}
