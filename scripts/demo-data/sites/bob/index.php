<?php
$config = include __DIR__ . '/config.php';
echo $config['password'] === '' ? "no database\n" : "Bob's shop\n";
