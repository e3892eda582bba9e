using System.Text.Json;
using Sfu.Media.Time;
using Sfu.Recorder.Files;
using Sfu.Recorder.Journal;

namespace Sfu.Recorder.Wal;

/// <summary>Writes frames in order and says when they are on the disk.</summary>
/// <remarks>Owned by the recorder's thread; told the time. A frame is kept in memory until a sync that began after its write has ended well.
/// After any failure the file is left alone for good and everything that was not durable is written again into a new one: after a failed
/// fsync the kernel may have dropped the pages, and a later fsync that ends well says nothing about them. A full file is left in the same
/// way, so that every file begins with the state after which it goes on.</remarks>
internal sealed class WalWriter
{
    private const int MaxBatch = 512 << 10;                    // bytes of one write; a frame that is longer goes alone
    private static readonly TimeSpan MaxRetry = TimeSpan.FromSeconds(1);

    private readonly IJournalFiles _files;
    private readonly IWalSync _sync;
    private readonly IWalHeads _heads;
    private readonly WalOptions _options;
    private readonly string _folder, _node;
    private readonly long _start;
    private readonly List<WalFile> _all;
    private Queue<WalFrame> _written = [];
    private Queue<WalFrame> _unwritten = [];
    private readonly byte[] _batch = new byte[MaxBatch];
    private WalFile? _current;
    private WalFile? _syncing;
    private int _syncCount, _number;
    private MediaTime _nextSync, _nextFile;
    private TimeSpan _retry;

    /// <summary>Makes a log that begins a new file at its first <see cref="Poll"/>.</summary>
    /// <param name="files">The file system.</param>
    /// <param name="sync">Runs the syncs.</param>
    /// <param name="heads">Makes the head of each file.</param>
    /// <param name="options">Sizes and times.</param>
    /// <param name="folder">The folder of this node's log.</param>
    /// <param name="node">The node.</param>
    /// <param name="start">For the names of the files: above all that are there.</param>
    /// <param name="former">Files of earlier processes, oldest first.</param>
    internal WalWriter(
        IJournalFiles files, IWalSync sync, IWalHeads heads, WalOptions options, string folder, string node, long start, IEnumerable<WalFile> former)
    {
        (_files, _sync, _heads, _options, _folder, _node, _start) = (files, sync, heads, options, folder, node, start);
        _all = [.. former];
        _retry = options.RetryAfter;
    }

    /// <summary>The last thing that went wrong, and when; none after a sync that ended well.</summary>
    internal (FileFailure Failure, MediaTime At) Failure { get; private set; }

    /// <summary>Failures since the start.</summary>
    internal long Failures { get; private set; }

    /// <summary>Bytes in memory that are not durable.</summary>
    internal long PendingBytes { get; private set; }

    /// <summary>Bytes that are durable.</summary>
    internal long DurableBytes { get; private set; }

    /// <summary>Nothing more may be taken from the taps.</summary>
    internal bool IsFull => PendingBytes >= _options.MaxPending;

    /// <summary>Everything handed over is durable.</summary>
    internal bool IsDurable => PendingBytes == 0;

    /// <summary>Files on the disk.</summary>
    internal int FileCount => _all.Count;

    /// <summary>Since when the oldest frame that is not written waits; <see cref="MediaTime.Never"/> when there is none.</summary>
    internal MediaTime UnwrittenSince => _unwritten.TryPeek(out WalFrame? frame) ? frame.Since : MediaTime.Never;

    /// <summary>Since when the oldest frame that is not durable waits; <see cref="MediaTime.Never"/> when there is none.</summary>
    internal MediaTime UnsyncedSince => _written.TryPeek(out WalFrame? frame) ? frame.Since : UnwrittenSince;

    /// <summary>Takes a frame; the next <see cref="Poll"/> writes it, with all that were taken before in as few writes as it can.</summary>
    internal void Append(WalFrame frame)
    {
        PendingBytes += frame.Size;
        _unwritten.Enqueue(frame);
    }

    /// <summary>Does what is due: ends and begins syncs, begins files, deletes those that nobody needs.</summary>
    internal void Poll(MediaTime now)
    {
        if (_syncing is not null && _sync.TryTake(out FileFailure failure)) OnSynced(now, failure);
        if (_syncing is null && now >= _nextFile && (_current is null || _current.End >= _options.FileSize)) BeginFile(now);
        WriteOut(now);
        if (_syncing is null && _current is not null && now >= _nextSync && (_written.Count > 0 || !_current.IsDurable)) BeginSync(now);
        DeleteSpent();
    }

    /// <summary>Syncs at the next <see cref="Poll"/>, whatever the interval says.</summary>
    internal void SyncSoon() => _nextSync = MediaTime.Zero;

    /// <summary>Closes the file. Call it when no sync is under way.</summary>
    internal void Close()
    {
        foreach (WalFile file in _all)
            if (file.Descriptor >= 0) _files.Close(file.Descriptor);
        _all.Clear();
        _current = null;
    }

    private void WriteOut(MediaTime now)
    {
        while (_current is { } file && _unwritten.Count > 0)
        {
            ReadOnlySpan<byte> data = Batch(out int count);
            FileFailure failure = _files.Write(file.Descriptor, data, file.End);
            if (failure.IsFailure)
            {
                Abandon(now, failure);
                return;
            }

            for (; count > 0; count--)
            {
                WalFrame frame = _unwritten.Dequeue();
                frame.Place(file, file.End);
                file.End += frame.Size;
                _written.Enqueue(frame);
            }
        }
    }

    /// <summary>The oldest frames in one piece: a write costs some 30 us whatever its size, and many tracks seal in one turn.</summary>
    private ReadOnlySpan<byte> Batch(out int count)
    {
        count = 0;
        int size = 0;
        foreach (WalFrame frame in _unwritten)
        {
            if (size + frame.Size > MaxBatch) break;
            frame.Bytes.CopyTo(_batch.AsSpan(size));
            size += frame.Size;
            count++;
        }

        if (count > 0) return _batch.AsSpan(0, size);
        count = 1;
        return _unwritten.Peek().Bytes;
    }

    private void BeginSync(MediaTime now)
    {
        _syncing = _current;
        _syncCount = _written.Count;
        _nextSync = now + _options.SyncInterval;
        _sync.Begin(_current!.Descriptor, _current.IsDurable ? null : _folder);
    }

    private void OnSynced(MediaTime now, FileFailure failure)
    {
        WalFile file = _syncing!;
        _syncing = null;
        if (failure.IsFailure)
        {
            Abandon(now, failure);
            return;
        }

        // A write to the file may have failed since: what was written before it began is on the disk all the same.
        file.IsDurable = true;
        if (file == _current) (Failure, _retry) = (default, _options.RetryAfter);
        for (; _syncCount > 0; _syncCount--)
        {
            WalFrame frame = _written.Dequeue();
            PendingBytes -= frame.Size;
            DurableBytes += frame.Size;
            frame.Owner?.OnDurable(frame);
            frame.Release();
        }

        if (file != _current) WriteAgain();
    }

    /// <summary>Leaves the file alone for good. While a sync of it runs, its frames wait for the result.</summary>
    private void Abandon(MediaTime now, FileFailure failure)
    {
        Failure = (failure, now);
        Failures++;
        _current = null;
        _nextFile = now + _retry;
        _retry = TimeSpan.FromTicks(Math.Min(_retry.Ticks * 2, MaxRetry.Ticks));
        if (_syncing is null) WriteAgain();
    }

    private void WriteAgain()
    {
        _syncCount = 0;
        if (_written.Count == 0) return;
        foreach (WalFrame frame in _unwritten) _written.Enqueue(frame);
        _unwritten = _written;
        _written = [];
    }

    private void BeginFile(MediaTime now)
    {
        string path = Path.Combine(_folder, new WalName(_start, ++_number).ToString());
        FileFailure failure = _files.Create(path, out int descriptor);
        if (failure.IsFailure)
        {
            OnNoFile(now, failure);
            return;
        }

        var file = new WalFile(path, descriptor);
        failure = _files.Allocate(descriptor, _options.FileSize);
        if (!failure.IsFailure) failure = WriteHead(now, file);
        if (failure.IsFailure)
        {
            _files.Close(descriptor);
            _files.Delete(path);
            OnNoFile(now, failure);
            return;
        }

        WriteAgain();                                          // what the full file holds and is not durable is written again
        _all.Add(file);
        _current = file;
    }

    /// <summary>A full file goes on beyond its end while there is no new one.</summary>
    private void OnNoFile(MediaTime now, FileFailure failure)
    {
        Failure = (failure, now);
        Failures++;
        _nextFile = now + _retry;
        _retry = TimeSpan.FromTicks(Math.Min(_retry.Ticks * 2, MaxRetry.Ticks));
    }

    private FileFailure WriteHead(MediaTime now, WalFile file)
    {
        byte[] name = JsonSerializer.SerializeToUtf8Bytes(new WalHead("sfu-wal/1", _node, _start, _number), WalJson.Default.WalHead);
        FileFailure failure = WriteHead(file, WalFrame.OfState(FrameKind.File, Guid.Empty, name, now));
        foreach (WalFrame frame in _heads.MakeHeads(now))
        {
            if (!failure.IsFailure) failure = WriteHead(file, frame);
            else frame.Release();
        }

        return failure;
    }

    private FileFailure WriteHead(WalFile file, WalFrame frame)
    {
        FileFailure failure = _files.Write(file.Descriptor, frame.Bytes, file.End);
        if (!failure.IsFailure) file.End += frame.Size;
        frame.Release();
        return failure;
    }

    /// <summary>Oldest first, and only when a younger one has the state of all recordings on the disk.</summary>
    private void DeleteSpent()
    {
        while (_all.Count > 1 && _all[0] != _current && _all[0] != _syncing && _all[0].IsSpent && _current is { IsDurable: true })
        {
            WalFile spent = _all[0];
            if (spent.Descriptor >= 0) _files.Close(spent.Descriptor);
            FileFailure failure = _files.Delete(spent.Path);
            if (failure.IsFailure) Failures++;                 // it stays, harmless, until the next start
            _all.RemoveAt(0);
        }
    }
}
