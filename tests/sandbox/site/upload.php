<?php
$upload = $_FILES['file'];
$to = __DIR__ . '/data/upload.bin';
$said = dirname($upload['tmp_name']);
echo move_uploaded_file($upload['tmp_name'], $to) ? $said . ' ' . filesize($to) : 'not moved';
@unlink($to);
