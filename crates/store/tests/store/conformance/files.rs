//! Files: bytes under their digest.

use bytes::Bytes;
use futures_util::future::join_all;

use crate::house::House;

on_every_store! {
    a_file_is_kept_whole
    the_same_bytes_are_kept_once
}

/// As many bytes, none like its neighbours.
fn bytes(count: usize) -> Bytes {
    (0..count).map(|number| u8::try_from(number % 251).unwrap()).collect()
}

async fn a_file_is_kept_whole(house: House) {
    let chunk = 1 << 20;
    for (digest, size) in [(1, 0), (2, 1), (3, chunk), (4, chunk + 1), (5, 3 * chunk - 7)] {
        assert_eq!(house.store.file([digest; 32]).await.unwrap(), None);
        house.store.keep_file([digest; 32], bytes(size)).await.unwrap();
        assert_eq!(house.store.file([digest; 32]).await.unwrap(), Some(bytes(size)), "{size}");
    }
}

async fn the_same_bytes_are_kept_once(house: House) {
    let whole = bytes(2_500_000);
    let kept = join_all((0..4).map(|_| house.store.keep_file([9; 32], whole.clone()))).await;
    assert!(kept.iter().all(Result::is_ok));
    assert_eq!(house.store.file([9; 32]).await.unwrap(), Some(whole));
}

#[tokio::test]
async fn a_file_that_was_not_finished_is_not_there_and_swept() {
    let house = House::on_disk();
    house.store.keep_file([1; 32], bytes(9)).await.unwrap();
    let disk = rusqlite::Connection::open(house.file()).unwrap();
    disk.execute("INSERT INTO chunks (digest, number, bytes) VALUES (?, 0, x'00')", [[2_u8; 32]]).unwrap();
    assert_eq!(house.store.file([2; 32]).await.unwrap(), None);
    let house = house.reopen().await;
    let chunks: i64 = disk.query_row("SELECT count(*) FROM chunks", [], |row| row.get(0)).unwrap();
    assert_eq!(chunks, 1);
    assert_eq!(house.store.file([1; 32]).await.unwrap(), Some(bytes(9)));
}
