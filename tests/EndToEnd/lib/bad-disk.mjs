// A small ext4 file system of a test's own, and a folder that refuses or hangs when the test says so (clients/faults.c). Root only.
import { execFileSync } from 'node:child_process';
import { closeSync, fsyncSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, statfsSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const errnos = { EIO: 5, ENOSPC: 28, EROFS: 30, hang: -1 };
const concerns = { write: 1, sync: 2, make: 4 };

export class BadDisk {
  /** `folder` is the data directory of a server, with `recorder` and `recordings` on the small disk, or (`whole`) all of it. */
  constructor(mebibytes, { whole = false } = {}) {
    this.root = mkdtempSync(join(tmpdir(), 'sfu-disk-'));
    this.folder = join(this.root, 'data');
    const image = join(this.root, 'image'), mount = whole ? this.folder : join(this.root, 'mount');
    writeFileSync(image, '');
    truncateSync(image, mebibytes << 20);
    run('mkfs.ext4', '-q', '-m', '0', image);
    mkdirSync(mount);
    run('mount', '-o', 'loop', image, mount);
    this.mounted = [mount];
    this.mount = mount;
    for (const name of whole ? [] : ['recorder', 'recordings']) {
      mkdirSync(join(mount, name));
      mkdirSync(join(this.folder, name), { recursive: true });
      run('mount', '--bind', join(mount, name), join(this.folder, name));
      this.mounted.push(join(this.folder, name));
    }
    const library = join(this.root, 'faults.so');
    run('cc', '-Wall', '-Wextra', '-Werror', '-shared', '-fPIC', '-O2', '-o', library, fileURLToPath(new URL('../clients/faults.c', import.meta.url)), '-ldl', '-pthread');
    this.control = join(this.root, 'control');
    writeFileSync(this.control, Buffer.alloc(12));
    this.environment = { LD_PRELOAD: library, SFU_FAULT_FOLDER: join(this.folder, 'recorder'), SFU_FAULT_CONTROL: this.control };
  }

  /** Calls on the recorder's folder fail, or hang, from now on: `fail('EIO', 'write', 'sync', 'make')`. */
  fail(how, ...what) {
    const words = Buffer.alloc(8);
    words.writeInt32LE(errnos[how], 0);
    words.writeInt32LE(what.reduce((mask, one) => mask | concerns[one], 0), 4);
    this.#write(words.subarray(4), 4);
    this.#write(words.subarray(0, 4), 0);
  }

  /** All is well again. */
  heal() { this.#write(Buffer.alloc(4), 0); }

  /** Calls that were refused or held. */
  get refused() { return readFileSync(this.control).readInt32LE(8); }

  /** Takes all the room that there is: what the file system had set apart for a file comes free when it is closed, and is taken in another turn. */
  fill() {
    for (let turn = 0; ; turn++) {
      const file = openSync(join(this.mount, 'filler'), 'a');
      try {
        for (let size = 1 << 20; size >= 4096; size >>= 1) writeUntilFull(file, Buffer.alloc(size));
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      const { bavail, bsize } = statfsSync(this.mount);
      if (bavail * bsize < 64 << 10) return;
      if (turn > 20) throw new Error(`${bavail} blocks are still free`);
    }
  }

  /** The share that is taken and bytes, as the server counts them. */
  get use() {
    const { blocks, bfree, bavail, bsize } = statfsSync(this.mount);
    const used = (blocks - bfree) * bsize, free = bavail * bsize;
    return { used, free, share: used / (used + free) };
  }

  /** Takes so much room that this share of the disk is taken. */
  fillTo(share) {
    const { used, free } = this.use, bytes = Math.floor(share * (used + free) - used);
    if (bytes <= 0) throw new Error(`${used} of ${used + free} bytes are taken already`);
    run('fallocate', '-l', String(bytes), join(this.mount, `filler-${share}`));
  }

  /** Gives back what was taken to come to this share, or everything. */
  empty(share) {
    for (const name of readdirSync(this.mount))
      if (share === undefined ? name.startsWith('filler') : name === `filler-${share}`) rmSync(join(this.mount, name));
  }

  remove() {
    for (const at of this.mounted.reverse()) run('umount', '-l', at);
    rmSync(this.root, { recursive: true, force: true });
  }

  #write(bytes, at) {
    const file = openSync(this.control, 'r+');
    try {
      writeSync(file, bytes, 0, bytes.length, at);
    } finally {
      closeSync(file);
    }
  }
}

function writeUntilFull(file, block) {
  try {
    for (;;) if (writeSync(file, block) < block.length) return;
  } catch (error) {
    if (error.code !== 'ENOSPC') throw error;
  }
}

function run(program, ...args) { execFileSync(program, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: 20_000 }); }
