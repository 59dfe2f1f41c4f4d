" Made from the directive table by ReferenceTool: change that, not this.
autocmd BufRead,BufNewFile */sandbox/*.profile,*/sandbox/*.local,*/sandbox/*.inc,*/firejail/*.profile,*/firejail/*.local,*/firejail/*.inc setfiletype sandboxprofile
